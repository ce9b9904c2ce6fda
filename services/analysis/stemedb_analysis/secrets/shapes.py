"""The shapes in which vendors issue tokens, from their documentation.

A shape has a literal that every token of it holds: the file is searched for that first, which costs next to nothing, and only then for the
whole. Boundaries are made of what a token may hold, so that a part of a longer identifier is none.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

TOKEN_LENGTH_MIN: Final = 20
"""Bytes of the shortest token, its literal included (``AKIA`` and 16 more)."""

LITERAL_DEPTH_MAX: Final = 128
"""Bytes before its literal at which a token may begin."""


class Shape(NamedTuple):
    """One kind of token. The secret is the group ``secret`` if there is one, else the whole match."""

    kind: str
    literals: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    confidence: float = 0.95

    def find(self, data: bytes) -> Iterator[re.Match[bytes]]:
        """Yield the tokens of this shape in `data`. Looks only near the literals, so its cost is that of searching for them."""
        for literal in self.literals:
            done = 0
            at = data.find(literal)
            while at >= 0:
                match = self.pattern.match(data, at) or self.pattern.search(
                    data, max(done, at - LITERAL_DEPTH_MAX), min(len(data), at + LITERAL_DEPTH_MAX)
                )
                if match and match.start() <= at < match.end():
                    yield match
                    done = match.end()
                at = data.find(literal, max(done, at + 1))


_START: Final = rb"(?<![A-Za-z0-9_\-/+.])"
_END: Final = rb"(?![A-Za-z0-9_\-])"


def _shape(kind: str, literals: str, pattern: str, confidence: float = 0.95) -> Shape:
    return Shape(
        kind,
        tuple(one.encode() for one in literals.split()),
        re.compile(_START + rb"(?:" + pattern.encode() + rb")" + _END),
        confidence,
    )


def _in_address(kind: str, literals: str, pattern: str, confidence: float = 0.95) -> Shape:
    """A shape that is a part of an address: slashes may stand before it."""
    return Shape(
        kind,
        tuple(one.encode() for one in literals.split()),
        re.compile(rb"(?<![A-Za-z0-9_\-.])(?:" + pattern.encode() + rb")" + _END),
        confidence,
    )


SHAPES: Final[tuple[Shape, ...]] = (
    _shape("aws_access_key_id", "AKIA ASIA ABIA ACCA", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
    _shape("github_token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{36,251}"),
    _shape("github_token", "github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    _shape(
        "gitlab_token",
        "glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glagent- gloas- GR1348941",
        r"(?:gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas)-|GR1348941)[A-Za-z0-9_\-.]{20,64}",
    ),
    _shape("slack_token", "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe", r"xox(?:[baprs]|e(?:\.xox[bp])?)-[0-9A-Za-z\-]{10,250}"),
    _shape("slack_token", "xapp-", r"xapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{20,}"),
    _in_address("slack_webhook", "hooks.slack.com/ hooks.slack-gov.com/", r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/(?P<secret>[A-Z0-9]{8,}/[A-Z0-9]{8,}/[A-Za-z0-9]{20,})"),
    _in_address("discord_webhook", "/api/webhooks/", r"(?:\w+\.)?discord(?:app)?\.com/api/webhooks/\d{17,20}/(?P<secret>[\w\-]{60,80})"),
    _shape("stripe_key", "sk_live_ rk_live_", r"[sr]k_live_[0-9A-Za-z]{16,250}"),
    _shape("stripe_test_key", "sk_test_ rk_test_", r"[sr]k_test_[0-9A-Za-z]{16,250}", 0.7),
    _shape("stripe_webhook_secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{24,}"),
    _shape("google_api_key", "AIza", r"AIza[0-9A-Za-z_\-]{35}"),
    _shape("google_client_secret", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_\-]{28}"),
    _shape("google_access_token", "ya29.", r"ya29\.[0-9A-Za-z_\-]{30,}"),
    _shape("jwt", "eyJ", r"eyJ[A-Za-z0-9_\-]{10,}\.eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{20,}", 0.75),
    _shape("npm_token", "npm_", r"npm_[A-Za-z0-9]{36}"),
    _shape("pypi_token", "pypi-AgE", r"pypi-AgE[A-Za-z0-9_\-]{50,}"),
    _shape("azure_storage_key", "AccountKey=", r"AccountKey=(?P<secret>[A-Za-z0-9+/]{86}==)"),
    _shape("azure_shared_access_key", "SharedAccessKey=", r"SharedAccessKey=(?P<secret>[A-Za-z0-9+/]{43}=)"),
    _shape("azure_client_secret", "Q~", r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.\-]{31,34}"),
    _shape("twilio_api_key", "SK", r"SK[0-9a-f]{32}", 0.85),
    _shape("sendgrid_key", "SG.", r"SG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43}"),
    _shape("mailgun_key", "key-", r"key-[0-9a-f]{32}"),
    _shape("mailchimp_key", "-us", r"[0-9a-f]{32}-us\d{1,2}"),
    _shape("openai_key", "T3BlbkFJ", r"sk-(?:[a-z]+-)?[A-Za-z0-9_\-]{20,100}T3BlbkFJ[A-Za-z0-9_\-]{20,100}"),
    _shape("anthropic_key", "sk-ant-", r"sk-ant-[a-z]+\d\d-[A-Za-z0-9_\-]{80,120}"),
    _shape("huggingface_token", "hf_", r"hf_[A-Za-z0-9]{34,40}"),
    _shape("digitalocean_token", "dop_v1_ doo_v1_ dor_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
    _shape("shopify_token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _shape("square_token", "sq0", r"sq0[a-z]{3}-[0-9A-Za-z_\-]{22,43}"),
    _shape("telegram_token", ":AA", r"\d{8,10}:AA[A-Za-z0-9_\-]{33}"),
    _shape("databricks_token", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    _shape("grafana_token", "glsa_ glc_", r"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_[A-Za-z0-9+/]{32,400}={0,2}"),
    _shape("vault_token", "hvs. hvb.", r"hv[sb]\.[A-Za-z0-9_\-]{24,}"),
    _shape("terraform_token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_\-=]{60,70}"),
    _shape("docker_token", "dckr_pat_ dckr_oat_", r"dckr_[po]at_[A-Za-z0-9_\-]{27,32}"),
    _shape("newrelic_key", "NRAK-", r"NRAK-[A-Z0-9]{27}"),
    _shape("postman_key", "PMAK-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    _shape("atlassian_token", "ATATT3", r"ATATT3[A-Za-z0-9_\-=]{180,}"),
    _shape("linear_key", "lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
    _shape("sentry_token", "sntrys_ sntryu_", r"sntry[su]_[A-Za-z0-9+/=_]{40,}"),
    _shape("age_key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    _shape("nats_seed", "SU SA SO SN SC", r"S[UAONC][A-Z2-7]{56}", 0.9),
    _in_address("teams_webhook", "/IncomingWebhook/", r"[\w.\-]+/webhookb?2?/[0-9a-f\-]{36}@[0-9a-f\-]{36}/IncomingWebhook/(?P<secret>[0-9a-z]{32}/[0-9a-f\-]{36}[\w/]*)"),
    _in_address("teams_webhook", ".logic.azure.com .environment.api.powerplatform.com", r"[\w.\-]+\.(?:logic\.azure|environment\.api\.powerplatform)\.com(?::443)?/\S*?[?&]sig=(?P<secret>[A-Za-z0-9%_\-]{40,})"),
    _in_address("google_chat_webhook", "chat.googleapis.com/v1/spaces/", r"chat\.googleapis\.com/v1/spaces/[\w\-]+/messages\?key=(?P<secret>[\w\-]+&(?:amp;)?token=[\w\-%]+)"),
    _in_address("zapier_webhook", "hooks.zapier.com/", r"hooks\.zapier\.com/hooks/catch/(?P<secret>\d+/\w+)"),
    _in_address("ifttt_webhook", "maker.ifttt.com/", r"maker\.ifttt\.com/trigger/[\w\-{}$]+/(?:json/)?with/key/(?P<secret>[\w\-]{20,})"),
    _in_address("mattermost_webhook", "/hooks/", r"[\w.\-]+/hooks/(?P<secret>(?=[a-z0-9]*\d)[a-z0-9]{26})", 0.8),
    _in_address("pagerduty_key", "events.pagerduty.com/", r"events\.(?:eu\.)?pagerduty\.com/integration/(?P<secret>[0-9a-f]{32})"),
    _in_address("telegram_token", "api.telegram.org/bot", r"api\.telegram\.org/bot(?P<secret>\d{8,10}:[A-Za-z0-9_\-]{35})"),
    _in_address("azure_sas", "sig=", r"(?:[\w.\-]+/[^\s\"']*)?\bs[vrpe]=[^\s\"']*?&(?:amp;)?sig=(?P<secret>[A-Za-z0-9+/%]{43,60}(?:=|%3[Dd])?)", 0.9),
    _shape("azure_devops_token", "AZDO", r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}"),
    _shape("azure_key", "JQQJ9", r"[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{27}"),
    _shape("azure_function_key", "AzFu", r"[A-Za-z0-9_\-]{44}AzFu[A-Za-z0-9_\-]{5}[AQgw]=="),
    _shape("aws_bedrock_key", "ABSK", r"ABSK[A-Za-z0-9+/]{109,269}={0,2}"),
    _shape("google_refresh_token", "1//0", r"1//0[A-Za-z0-9_\-]{40,}"),
    _shape("firebase_key", ":APA91b", r"AAAA[A-Za-z0-9_\-]{7}:APA91b[A-Za-z0-9_\-]{134}"),
    _shape("heroku_key", "HRKU-", r"HRKU-[A-Za-z0-9_\-]{36,64}"),
    _shape("fly_token", "FlyV1 fo1_", r"(?:FlyV1 )?fm[12][a-z]?_[A-Za-z0-9+/=,_]{100,}|fo1_[A-Za-z0-9_\-]{43}"),
    _shape("cloudflare_ca_key", "v1.0-", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}"),
    _shape("netlify_token", "nfp_", r"nfp_[A-Za-z0-9]{36,40}"),
    _shape("vercel_token", "vercel_blob_rw_ vcp_", r"vercel_blob_rw_[A-Za-z0-9]{16}_[A-Za-z0-9]{30,}|vcp_[A-Za-z0-9]{56}"),
    _shape("render_key", "rnd_", r"rnd_[A-Za-z0-9]{28,40}"),
    _shape("supabase_token", "sbp_ sb_secret_", r"sbp_(?:v0_)?[0-9a-f]{40}|sb_secret_[A-Za-z0-9_\-]{22,31}_[A-Za-z0-9_\-]{8}|sb_secret_[A-Za-z0-9_\-]{31,}"),
    _shape("planetscale_token", "pscale_", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_=.\-]{32,64}"),
    _shape("neon_key", "napi_", r"napi_[a-z0-9]{60,70}"),
    _shape("mongodb_atlas_secret", "mdb_sa_sk_", r"mdb_sa_sk_[A-Za-z0-9_\-]{40,}"),
    _shape("aiven_password", "AVNS_", r"AVNS_[A-Za-z0-9_\-]{15,24}"),
    _shape("prefect_token", "pnu_ pnb_", r"pn[ub]_[A-Za-z0-9]{36}"),
    _shape("doppler_token", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", r"dp\.(?:pt|ct|sa|scim|audit|st(?:\.[a-z0-9_\-]{2,35})?)\.[A-Za-z0-9]{40,44}"),
    _shape("onepassword_token", "ops_eyJ", r"ops_eyJ[A-Za-z0-9+/=_\-]{200,}"),
    _shape("onepassword_secret_key", "A3-", r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}"),
    _shape("pulumi_token", "pul-", r"pul-[0-9a-f]{40}"),
    _shape("sonar_token", "sqp_ squ_ sqa_", r"sq[pua]_[0-9a-f]{40}"),
    _shape("circleci_token", "CCIPAT_ CCIPRJ_", r"CCI(?:PAT|PRJ)_[A-Za-z0-9]{22}_[0-9a-f]{40}"),
    _shape("buildkite_token", "bkua_ bkct_ bkat_", r"bk(?:ua|ct|at)_[0-9a-zA-Z]{40,64}"),
    _shape("jfrog_token", "AKCp cmVmdGtu", r"AKCp[0-9A-Za-z]{60,80}|cmVmdGtu[0-9A-Za-z]{50,70}"),
    _shape("rubygems_key", "rubygems_", r"rubygems_[0-9a-f]{48}"),
    _shape("crates_token", "cio", r"cio[A-Za-z0-9]{32}"),
    _shape("nuget_key", "oy2", r"oy2[a-z0-9]{43}"),
    _shape("packagist_token", "packagist_", r"packagist_[ou][a-z]{2}_[0-9a-f]{60,80}"),
    _shape("clojars_token", "CLOJARS_", r"CLOJARS_[0-9a-f]{60}"),
    _shape("bitbucket_token", "ATBB ATCTT3x", r"ATBB[A-Za-z0-9]{32}|ATCTT3xFf[A-Za-z0-9_\-=]{150,}"),
    _shape("gitlab_token", "glimt- glffct- glpat-", r"gl(?:imt|ffct)-[A-Za-z0-9_\-]{20,64}"),
    _shape("sourcegraph_token", "sgp_", r"sgp_(?:(?:[0-9a-f]{16}|local)_)?[0-9a-f]{40}"),
    _shape("square_access_token", "EAAA", r"EAAA[A-Za-z0-9_\-]{60}"),
    _shape("facebook_token", "EAA", r"EAA[A-Za-z0-9]{90,250}"),
    _shape("braintree_token", "access_token$production$ access_token$sandbox$", r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}"),
    _shape("flutterwave_key", "FLWSECK", r"FLWSECK(?:_TEST)?-[0-9a-zA-Z]{12,40}(?:-X)?"),
    _shape("plaid_token", "access-production- access-sandbox- access-development-", r"access-(?:production|sandbox|development)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    _shape("mollie_key", "live_", r"live_(?=[A-Za-z]*\d)[A-Za-z0-9]{30}", 0.75),
    _shape("razorpay_key", "rzp_live_", r"rzp_live_[A-Za-z0-9]{14}", 0.6),
    _shape("lob_key", "live_", r"live_[0-9a-f]{31,35}", 0.75),
    _shape("shippo_token", "shippo_live_ shippo_test_", r"shippo_(?:live|test)_[0-9a-f]{40}"),
    _shape("easypost_key", "EZAK EZTK", r"EZ[AT]K[A-Za-z0-9]{54}"),
    _shape("mandrill_key", "md-", r"md-[A-Za-z0-9_\-]{22}", 0.75),
    _shape("brevo_key", "xkeysib- xsmtpsib-", r"x(?:key|smtp)sib-[0-9a-f]{64}-[A-Za-z0-9]{16}"),
    _shape("resend_key", "re_", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}"),
    _shape("newrelic_key", "NRII- NRRA- NRAA- NRJS- NRAL", r"NR(?:II|RA|AA|JS)-[A-Za-z0-9_\-]{19,42}|[0-9a-f]{36}NRAL|eu01xx[0-9a-f]{30}NRAL"),
    _shape("honeycomb_key", "hcaik_ hcxik_ hcbik_ hcxmk_ hcalk_", r"hc[a-z]{3}_[0-9a-z]{50,64}"),
    _shape("dynatrace_token", "dt0", r"dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    _shape("launchdarkly_key", "sdk- api- mob-", r"(?:sdk|api)-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    _shape("posthog_key", "phx_ phs_", r"ph[xs]_[A-Za-z0-9]{43,}"),
    _shape("axiom_token", "xaat- xapt-", r"xa(?:at|pt)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    _shape("checkly_key", "cu_", r"cu_[0-9a-f]{32}"),
    _shape("openai_key", "sk-proj- sk-svcacct- sk-admin-", r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_\-]{40,200}"),
    _shape("openai_key", "sk-", r"sk-[A-Za-z0-9]{48}", 0.9),
    _shape("replicate_token", "r8_", r"r8_[A-Za-z0-9]{37}"),
    _shape("groq_key", "gsk_", r"gsk_[A-Za-z0-9]{52}"),
    _shape("perplexity_key", "pplx-", r"pplx-[A-Za-z0-9]{48}"),
    _shape("xai_key", "xai-", r"xai-[A-Za-z0-9]{80}"),
    _shape("openrouter_key", "sk-or-v1-", r"sk-or-v1-[0-9a-f]{64}"),
    _shape("langsmith_key", "lsv2_", r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
    _shape("pinecone_key", "pcsk_", r"pcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{50,}"),
    _shape("tavily_key", "tvly-", r"tvly-(?:dev-|prod-)?[A-Za-z0-9\-]{32,}"),
    _shape("nvidia_key", "nvapi-", r"nvapi-[A-Za-z0-9_\-]{60,70}"),
    _shape("notion_token", "secret_ ntn_", r"secret_[A-Za-z0-9]{43}|ntn_[A-Za-z0-9]{40,50}"),
    _shape("airtable_token", "pat", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    _shape("figma_token", "figd_", r"fig[dou]r?_[A-Za-z0-9_\-]{40,}"),
    _shape("linear_key", "lin_oauth_ lin_wh_", r"lin_(?:oauth|wh)_[A-Za-z0-9]{40,64}"),
    _shape("typeform_token", "tfp_", r"tfp_[A-Za-z0-9_.=\-]{40,64}"),
    _shape("contentful_token", "CFPAT-", r"CFPAT-[A-Za-z0-9_\-]{43}"),
    _shape("mapbox_token", "sk.eyJ", r"sk\.eyJ[A-Za-z0-9_\-]{40,}\.[A-Za-z0-9_\-]{20,}"),
    _shape("dropbox_token", "sl.", r"sl\.(?:u\.)?[A-Za-z0-9_\-]{130,}"),
    _shape("hubspot_token", "pat-na1- pat-eu1- pat-na2- pat-ap1-", r"pat-(?:na|eu|ap)\d-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    _shape("salesforce_token", "!AQ", r"00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{80,}"),
    _shape("readme_key", "rdme_", r"rdme_[a-z0-9]{64,72}"),
    _shape("duffel_token", "duffel_", r"duffel_(?:test|live)_[A-Za-z0-9_\-]{43}"),
    _shape("twitter_token", "AAAAAAAAAAAAAAAAAAAAA", r"A{20,22}[A-Za-z0-9%]{60,110}"),
    _shape("tailscale_key", "tskey-", r"tskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]+-[A-Za-z0-9]{20,}"),
    _shape("alibaba_key_id", "LTAI", r"LTAI[A-Za-z0-9]{17,24}"),
    _shape("tencent_key_id", "AKID", r"AKID[A-Za-z0-9]{32}"),
    _shape("scaleway_key_id", "SCW", r"SCW[A-Z0-9]{17}"),
    _shape("yandex_key", "AQVN", r"AQVN[A-Za-z0-9_\-]{35,38}"),
    _shape("discord_token", ".G", r"[MNO][A-Za-z0-9_\-]{23,27}\.G[A-Za-z0-9_\-]{5}\.[A-Za-z0-9_\-]{27,38}"),
    _shape("sentry_token", "sntrys_", r"sntrys_eyJ[A-Za-z0-9+/=_]{100,}"),
    _shape("vault_token", "hvr.", r"hvr\.[A-Za-z0-9_\-]{24,}"),
    _shape("clickhouse_cloud_key", "4b1d", r"4b1d[A-Za-z0-9]{38}"),
    _shape("trello_token", "ATTA", r"ATTA[0-9a-f]{64}[0-9A-F]{8}"),
    _shape("elastic_key", "essu_ esra_", r"es(?:su|ra)_[A-Za-z0-9+/=_\-]{40,}"),
    _shape("infisical_token", "st.", r"st\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.[0-9a-f]{32}\.[0-9a-f]{32}"),
    _shape("langfuse_key", "sk-lf-", r"sk-lf-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    _shape("e2b_key", "e2b_", r"e2b_[0-9a-f]{40}"),
    _shape("llamacloud_key", "llx-", r"llx-[A-Za-z0-9]{48}"),
    _shape("jina_key", "jina_", r"jina_[0-9a-f]{32}[A-Za-z0-9_\-]{28}"),
    _shape("cerebras_key", "csk-", r"csk-[a-z0-9]{48}"),
    _shape("together_key", "tgp_v1_", r"tgp_v1_[A-Za-z0-9_\-]{43}"),
    _shape("firecrawl_key", "fc-", r"fc-[0-9a-f]{32}"),
    _shape("elevenlabs_key", "sk_", r"sk_[0-9a-f]{48}"),
    _shape("cockroachdb_key", "CCDB1_", r"CCDB1_[A-Za-z0-9]{22}_[A-Za-z0-9]{40}"),
    _shape("paddle_key", "pdl_live_apikey_ pdl_sdbx_apikey_", r"pdl_(?:live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}"),
    _shape("polar_token", "polar_", r"polar_(?:oat|pat)_[A-Za-z0-9_\-]{43}"),
    _shape("inngest_key", "signkey-", r"signkey-(?:prod|test|branch)-[0-9a-f]{32,64}"),
    _shape("stytch_secret", "secret-live- secret-test-", r"secret-(?:live|test)-[A-Za-z0-9_\-]{35,45}={0,2}"),
    _shape("segment_token", "sgp_", r"sgp_[A-Za-z0-9]{64}"),
    _shape("dbt_token", "dbtc_ dbtu_", r"dbt[cu]_[A-Za-z0-9_\-]{40,60}"),
    _shape("kong_token", "kpat_ spat_", r"[ks]pat_[A-Za-z0-9]{48,60}"),
    _shape("harness_token", "pat. sat.", r"[ps]at\.[A-Za-z0-9_\-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}"),
    _shape("rootly_key", "rootly_", r"rootly_[0-9a-f]{64}"),
    _shape("adafruit_key", "aio_", r"aio_[A-Za-z0-9]{28}"),
    _shape("maxmind_key", "_mmk", r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    _shape("yandex_token", "y0_", r"y0_[A-Za-z0-9_\-]{55,}"),
    _shape("vk_token", "vk1.a.", r"vk1\.a\.[A-Za-z0-9_\-]{80,}"),
    _shape("scalingo_token", "tk-us-", r"tk-us-[A-Za-z0-9_\-]{48}"),
    _shape("cloudflare_tunnel_token", "eyJhIjoi", r"eyJhIjoi[A-Za-z0-9+/]{120,}={0,2}", 0.9),
    _shape("azure_access_key", "AccessKey= accesskey=", r"[Aa]ccess[Kk]ey=(?P<secret>[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==|[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{27})"),
    _in_address("azure_app_configuration_secret", "Secret=", r"[\w\-]+\.azconfig\.io;Id=[^;\s\"']{1,60};Secret=(?P<secret>[A-Za-z0-9+/]{40,100}={0,2})"),
    _shape("putty_key", "PuTTY-User-Key-File-", r"PuTTY-User-Key-File-\d: [a-z]"),
)  # fmt: skip

ENCODED_KEYS: Final = (
    (b"LS0tLS1CRUdJTi", re.compile(rb"(?<![A-Za-z0-9+/])LS0tLS1CRUdJTi[A-Za-z0-9+/=]{60,}")),
    (
        b"IBADANBgkqhkiG9w0BAQEFAASC",
        re.compile(rb"(?<![A-Za-z0-9+/])MII[A-Za-z0-9+/]{1,4}IBADANBgkqhkiG9w0BAQEFAASC[A-Za-z0-9+/=]{100,}"),
    ),
    (b"IBAAKC", re.compile(rb"(?<![A-Za-z0-9+/])MII[A-Za-z0-9+/]{1,4}IBAAKC[A-Za-z0-9+/=]{200,}")),
    (b"MIGHAgEAMBMGByqGSM49", re.compile(rb"(?<![A-Za-z0-9+/])MIGHAgEAMBMGByqGSM49[A-Za-z0-9+/=]{60,}")),
    (b"MHcCAQEEI", re.compile(rb"(?<![A-Za-z0-9+/])MHcCAQEEI[A-Za-z0-9+/=]{80,}")),
    (b"MC4CAQAwBQYDK2VwBCIEI", re.compile(rb"(?<![A-Za-z0-9+/])MC4CAQAwBQYDK2VwBCIEI[A-Za-z0-9+/=]{40,}")),
)
"""Private keys in base64 without their marker: a whole PEM once more encoded, and the DER of RSA, EC and Ed25519, by a literal and as a whole."""
_BY_LITERAL: Final = tuple((literal, shape) for shape in SHAPES for literal in shape.literals)
_SEPARATORS: Final = bytes(
    code if chr(code) in "_-.+/=:~" or (chr(code).isalnum() and code < 128) else ord(" ")
    for code in range(256)
)
"""Every token is made of letters, digits and these signs, from its literal to its end."""


def names_aws_key(data: bytes) -> bool:
    """Return whether the id of a key of AWS is there: its other half is 40 letters, and nothing else tells what they are. O(bytes)."""
    return next(SHAPES[0].find(data), None) is not None


_DRAWN: Final = re.compile(rb"[0-9]|[A-Z]{2}")
"""What a token that a machine drew has somewhere, and most names have not: of 24 letters and digits, one in 100,000 lacks it."""


def likely(data: bytes) -> list[Shape]:
    """Return the shapes whose literal stands in a run of signs that is as long as a token. O(bytes)."""
    runs = data.translate(_SEPARATORS).split()
    joined = b" ".join([run for run in runs if len(run) >= TOKEN_LENGTH_MIN and _DRAWN.search(run)])
    return list(dict.fromkeys(shape for literal, shape in _BY_LITERAL if literal in joined))


PRIVATE_KEY_LITERAL: Final = b"PRIVATE KEY"
PRIVATE_KEY: Final = re.compile(
    rb"-----BEGIN (?P<label>(?:[A-Z]+ ){0,2})PRIVATE KEY(?: BLOCK)?-----"
    rb"(?P<body>(?:[\s\"'+,\\]|\\n|(?:Proc-Type|DEK-Info|Version|Comment)[^\n]*)*(?P<secret>[A-Za-z0-9+/=]{20,}))"
)
"""A key with at least some of its body: the mere marker is what programs look for that read keys."""

LEFT_OUT: Final = re.compile(rb"[A-Za-z0-9+/=\s\\]*\n\s*(?:\.|\[?\.\.\.\]?)\s*\n")
"""A line of dots in a key: most of it stands elsewhere, if anywhere."""
KEY_BYTES_MAX: Final = 8192
IN_EXAMPLE: Final = re.compile(rb"\n[ \t]*\*[ \t]*@example\b[^\n]*(?:\n[ \t]*\*(?!/)[^\n]*)*\Z")
"""Before a token, the beginning of an example in a comment that describes a function."""
EXAMPLE_BYTES_MAX: Final = 1500

URL_LITERAL: Final = b"://"
URL: Final = re.compile(
    rb"(?P<user>[^\s:/@\"'`<>|\\,;(){}\[\]]{0,64}):(?P<secret>[^\s/@\"'`<>|\\]{3,128})@(?P<host>[A-Za-z0-9_.\-\[\]:${}%]{2,100})"
)
"""What follows the slashes of an address with a password in front of its host."""

CONNECTION_LITERALS: Final = (b"password=", b"Password=", b"pwd=", b"Pwd=", b"PWD=")
CONNECTION: Final = re.compile(rb"(?P<secret>[^&;\s\"'`<>\\(),]{3,128})(?=[&;\s\"'`\\]|$)")
"""What follows the literal in a connection string."""

CONNECTION_BEFORE: Final = re.compile(
    rb"(?:[?&;\"']|(?:\b(?:host|hostaddr|dbname|user|port|sslmode)=[^\s,;'\"]+[ ]+)+|;[ ]*)$", re.IGNORECASE
)
"""What stands before the literal: a separator, or the other words of a connection string of libpq."""

CONNECTION_OTHERS: Final = re.compile(
    rb"(?i)(?:server|host|data source|user(?:name| id)?|uid|database|dbname|initial catalog)=[^\"'\s]|jdbc:|[?&]\w+="
)
"""Another part of a connection string, on the same line."""
