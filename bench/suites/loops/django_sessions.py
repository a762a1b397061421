"""Whole loops of Django's file sessions: a line `load 100` is answered with the microseconds that 100 of them took."""

import json
import signal
import sys
import time

import django
from django.conf import settings

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C is for the bench, which needs no traceback of this one
directory, sample = sys.argv[1], json.loads(sys.argv[2])
settings.configure(
    SECRET_KEY='the key of a benchmark, that signs nothing else',
    SESSION_ENGINE='django.contrib.sessions.backends.file',
    SESSION_FILE_PATH=directory,
)
django.setup()

from django.contrib.sessions.backends.file import SessionStore  # noqa: E402 (it needs the settings)

first = SessionStore()
first.update(sample['values'])
first.create()
first.update(sample['values'])
first.save()
key = first.session_key


def load(turn):
    if SessionStore(key)['user'] != sample['values']['user']:
        raise SystemExit('The session is lost.')


def load_and_save(turn):
    session = SessionStore(key)
    session['token'] = sample['tokens'][turn % 2]
    session.save()


LOOPS = {'load': load, 'load+save': load_and_save}

for line in sys.stdin:
    name, count = line.split()
    loop, turns = LOOPS[name], range(int(count))
    started = time.perf_counter_ns()
    for turn in turns:
        loop(turn)
    print((time.perf_counter_ns() - started) / 1000, flush=True)
