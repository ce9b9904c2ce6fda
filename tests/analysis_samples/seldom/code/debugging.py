from flask import Flask
from werkzeug.serving import run_simple

app = Flask(__name__)


def at_the_desk():
    run_simple("127.0.0.1", 8080, app, use_debugger=False)


def at_the_depot():
    run_simple("127.0.0.1", 8081, app, use_debugger=True, use_evalex=True)


def in_the_workshop():
    run_simple("127.0.0.1", 8082, app, use_debugger=True)
