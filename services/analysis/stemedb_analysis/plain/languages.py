"""Which files are read as text, and what language they are in: by their names, else by their first line.

::

    deploy.rb            ruby          Jenkinsfile    groovy        id_ed25519       key
    infra/db.tf          hcl           .netrc         netrc         #!/bin/sh        shell
    notes.md             markdown      LICENSE        text          data.csv         none: data

They hold the same passwords, tokens and keys as the languages that are parsed, and are looked at for these alone. What nobody writes by hand is left out:
data (``.csv``, ``.log``), pictures as text (``.svg``), style sheets, translations (``.po``), patches and whatever has an extension that is not in the list.

A language's name is a word of lower-case letters, since it becomes a segment of a concept path.
"""

import re
from typing import Final

_BY_LANGUAGE: Final = {
    # Programs
    "ruby": ".rb .rake .gemspec .ru .podspec .jbuilder .builder .thor",
    "php": ".php .phtml .php3 .php4 .php5 .php7 .inc .ctp .module",
    "csharp": ".cs .csx .razor",
    "visualbasic": ".vb .vbs .bas .cls .frm .vba",
    "fsharp": ".fs .fsx .fsi",
    "kotlin": ".kt .kts .ktm",
    "scala": ".scala .sc .sbt",
    "groovy": ".groovy .gradle .gvy .gsh .jenkinsfile",
    "clojure": ".clj .cljs .cljc .edn .bb",
    "swift": ".swift",
    "objectivec": ".m .mm",
    "c": ".c .h",
    "cpp": ".cc .cpp .cxx .hpp .hh .hxx .ino .ipp .c++",
    "dart": ".dart",
    "elixir": ".ex .exs .eex .heex .leex",
    "erlang": ".erl .hrl",
    "haskell": ".hs .lhs",
    "ocaml": ".ml .mli",
    "lua": ".lua",
    "perl": ".pl .pm .t .cgi .psgi",
    "r": ".r .rmd .qmd",
    "julia": ".jl",
    "nim": ".nim .nims",
    "crystal": ".cr",
    "zig": ".zig",
    "pascal": ".pas .dpr .lpr .dfm",
    "puppet": ".pp",
    "coffeescript": ".coffee",
    "lisp": ".lisp .el .scm .rkt .cl",
    "tcl": ".tcl .exp",
    "solidity": ".sol",
    "apex": ".apex .trigger",
    "abap": ".abap",
    "cobol": ".cbl .cob .cpy",
    "fortran": ".f90 .f95 .f03",
    "awk": ".awk",
    "vim": ".vim",
    "applescript": ".applescript",
    "autohotkey": ".ahk .au3",
    "gdscript": ".gd",
    "actionscript": ".as",
    "haxe": ".hx",
    "notebook": ".ipynb",
    # Shells, and what builds and deploys
    "shell": ".sh .bash .zsh .ksh .fish .csh .tcsh .bats .command .ebuild",
    "powershell": ".ps1 .psm1 .psd1",
    "batch": ".bat .cmd",
    "make": ".mk .mak .make",
    "cmake": ".cmake",
    "starlark": ".bzl .bazel .star",
    "nix": ".nix",
    "hcl": ".tf .tfvars .hcl .nomad",
    "tfstate": ".tfstate",
    "jsonnet": ".jsonnet .libsonnet",
    "cue": ".cue",
    "rego": ".rego",
    "bicep": ".bicep",
    "graphql": ".graphql .gql",
    "sql": ".sql .psql .pgsql .mysql .plsql .ddl .dml .hql .cql .pks .pkb",
    # Pages and markup
    "vue": ".vue",
    "svelte": ".svelte .astro",
    "html": ".html .htm .xhtml .shtml",
    "template": ".jsp .jspx .jspf .tag .asp .aspx .ascx .ashx .asax .cshtml .vbhtml .ejs .hbs .handlebars .mustache .twig .haml .slim .pug .jade .liquid .erb"
    " .tpl .ftl .njk .jinja .jinja2 .j2 .vm .gotmpl .tmpl .template",
    "xml": ".xml .config .csproj .vbproj .fsproj .props .targets .nuspec .plist .xsl .xslt .wsdl .resx .pubxml .xaml .jelly .jmx .ktr .kjb .dtsx .rels .iml .tld .xib",
    "markdown": ".md .markdown .mdx .mdown",
    "restructuredtext": ".rst",
    "asciidoc": ".adoc .asciidoc .org",
    "tex": ".tex .sty",
    "text": ".txt .text",
    # Credentials
    "key": ".pem .key .ppk .p8 .pk8 .pkcs8 .asc .rsa .priv .privkey .crt .cer",
    "credentials": ".credentials .creds .secret .secrets .token .passwd .password .pgpass .netrc .s3cfg .boto .ovpn .wg .rdp .reg .inf .ftpquota .tfrc .rc",
    "http": ".http .rest",
}  # fmt: skip
_SUFFIXES: Final = {
    suffix: language for language, suffixes in _BY_LANGUAGE.items() for suffix in suffixes.split()
}
_BY_NAME: Final = {
    "ruby": "rakefile gemfile vagrantfile capfile fastfile appfile matchfile podfile guardfile dangerfile berksfile puppetfile brewfile .irbrc .pryrc",
    "groovy": "jenkinsfile",
    "make": "makefile gnumakefile bsdmakefile justfile .justfile",
    "cmake": "cmakelists.txt",
    "starlark": "build workspace tiltfile buck",
    "shell": ".bashrc .bash_profile .bash_login .bash_logout .bash_aliases .bash_history .profile .zshrc .zprofile .zshenv .zsh_history .sh_history .kshrc .cshrc"
    " .tcshrc .login .xprofile .xinitrc .xsession pkgbuild apkbuild crontab gradlew .husky",
    "hcl": ".terraformrc terraform.rc",
    "r": ".rprofile",
    "netrc": ".netrc _netrc netrc",
    "credentials": ".pgpass pgpass.conf .git-credentials .s3cfg .boto .passwd-s3fs .msmtprc .fetchmailrc .offlineimaprc .getmailrc .muttrc .mailrc .mbsyncrc .esmtprc"
    " .procmailrc .ncftprc .lftprc .rtorrent.rc .smbcredentials .vault-token .vault_pass .vault-pass .renviron .hgrc .mycli.history .sbtcredentials .esplanaderc"
    " .trc .tugboat .rediscli_auth .dbshell .mylogin.cnf .htdigest .cifs .davfs2 credentials secrets .secret .secrets .credentials .password .token",
    "sql": ".psql_history .mysql_history .sqlite_history .psqlrc",
    "key": "id_rsa id_dsa id_ecdsa id_ed25519 identity",
    "lisp": ".emacs",
    "vim": ".vimrc",
    "text": ".htpasswd .cvspass .dockercfg .pylintrc",
}  # fmt: skip
_NAMES: Final = {name: language for language, names in _BY_NAME.items() for name in names.split()}
_SHEBANG: Final = re.compile(
    rb"#![^\n]*?\b(bash|sh|zsh|ksh|dash|ash|fish|ruby|perl|php|lua|tclsh|wish|expect|Rscript|awk|gawk|pwsh|groovy|swift|kotlin|scala|elixir|escript|osascript|make)[\d.]*(?=\s|$)"
)
_INTERPRETERS: Final = {
    b"ruby": "ruby", b"perl": "perl", b"php": "php", b"lua": "lua", b"tclsh": "tcl", b"wish": "tcl", b"expect": "tcl", b"Rscript": "r", b"awk": "awk",
    b"gawk": "awk", b"pwsh": "powershell", b"groovy": "groovy", b"swift": "swift", b"kotlin": "kotlin", b"scala": "scala", b"elixir": "elixir",
    b"escript": "erlang", b"osascript": "applescript", b"make": "make",
}  # fmt: skip
SHEBANG_BYTES: Final = 256

PLAIN: Final = frozenset({*_BY_LANGUAGE, *_BY_NAME})
"""Every language that is read as text."""
DOCUMENTS: Final = frozenset({"markdown", "restructuredtext", "asciidoc", "tex", "text", "html"})
"""What is written for people to read: a password in it may be there to show how one is written."""
BARE: Final = frozenset(
    {"shell", "batch", "make", "credentials", "netrc", "http", "markdown", "restructuredtext", "asciidoc", "text", "r"}
)  # fmt: skip
"""Languages in which a value may stand without quotes."""


def plain_language(file: str, head: bytes | None = None) -> str:
    """Return the language of a file that is read as text; empty if it is not. Without its `head` the name alone tells, as far as it does.

    What has no extension, and no name that says more, is text.
    """
    name = file.rpartition("/")[2].lower()
    if name in _NAMES:
        return _NAMES[name]
    if name.startswith(("jenkinsfile.", "makefile.", "vagrantfile.")):
        return _NAMES[name.partition(".")[0]]
    dot = name.rfind(".")
    if dot > 0:
        return _SUFFIXES.get(name[dot:], "")
    if dot == 0:
        return ""
    shebang = _SHEBANG.match(head[:SHEBANG_BYTES]) if head else None
    return _INTERPRETERS.get(shebang[1], "shell") if shebang else "text"
