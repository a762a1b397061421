# Writes what Django makes of some sessions, and what is in them: python make.py, with Django installed.
import json, os, sys
import django
from django.conf import settings

here = os.path.dirname(os.path.abspath(__file__))
settings.configure(SECRET_KEY="the secret key", SESSION_FILE_PATH=here, USE_TZ=True)
django.setup()
from datetime import datetime, timezone
from django.contrib.sessions.backends.file import SessionStore
from django.test import override_settings

SESSIONS = {
    "signed-in": {"_auth_user_id": "7", "_auth_user_backend": "django.contrib.auth.backends.ModelBackend", "_auth_user_hash": "ab12"},
    "compressed": {"cart": [{"sku": "A-1", "count": n} for n in range(50)], "note": "é 漢 \U0001f600"},
    "of-an-older-key": {"n": 1},
    "with-seconds": {"_session_expiry": 600, "n": 2},
    "with-a-date": {"_session_expiry": datetime(2099, 1, 2, 3, 4, 5, tzinfo=timezone.utc).isoformat(), "n": 3},
    "until-the-browser-closes": {"_session_expiry": 0, "n": 4},
    "odd": {"": "no name", "nested": {"a": [None, True, 1.5, -0.25]}, "'\"\\": "\u0000"},
}
made = []
for name, values in SESSIONS.items():
    with override_settings(SECRET_KEY="an older key" if name == "of-an-older-key" else "the secret key"):
        session = SessionStore()
        session.update(values)
        session.save()
    key = session.session_key
    path = os.path.join(here, "sessionid" + key)
    made.append({"name": name, "id": key, "values": values, "text": open(path).read()})
    os.remove(path)
with open(os.path.join(here, "sessions.json"), "w") as out:
    json.dump({"django": django.get_version(), "sessions": made}, out, indent=2)
    out.write("\n")
