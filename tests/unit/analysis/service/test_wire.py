"""What the service says of a finding."""

from stemedb.types import StatementId
from stemedb_analysis.model import Opinion
from stemedb_analysis.service.wire import finding_message
from support.reporting import AUTHORITY, finding


def test_a_list_that_does_not_name_the_value_is_no_opinion_of_it():
    silent = Opinion(AUTHORITY._replace(id="rfc1", comparison="none_of", value=("sha1",)), True, 0.8, False)
    made = finding()
    message = finding_message(
        StatementId(bytes(32)), "shop", made._replace(opinions=(*made.opinions, silent))
    )
    assert [(one.id, one.agrees) for one in message.opinions] == [("rfc9110", False)]
    assert message.opinions_left_out == 0
