"""Modules of Rust that are built for tests alone."""

from stemedb_analysis.rules.load import load
from stemedb_analysis.scan.file import scan_file

CODE = """fn run(v: &mut jsonwebtoken::Validation) {
    v.validate_exp = false;
}

#[cfg(test)]
mod tests {
    fn run(v: &mut jsonwebtoken::Validation) {
        v.validate_exp = false;
    }
}

fn again(v: &mut jsonwebtoken::Validation) {
    v.validate_exp = false;
}
"""


def test_what_a_test_module_claims_is_claimed_in_a_test():
    """As in a file of tests, it counts for half; what stands around it is no test."""
    seen = scan_file(CODE.encode(), "src/lib.rs", load()).observations
    expiry = [one for one in seen if one.path == "jwt/expiry"]
    assert [(one.span.line, one.in_test) for one in expiry] == [(2, False), (8, True), (13, False)]
    assert expiry[1].confidence * 2 == expiry[0].confidence
