"""The database itself keeps the decision log from being changed.

What may change: the actor and what was undone, which become empty when an account or a decision goes with its event.
"""

from django.db import migrations

KEPT = ["id", "entry_id", "kind", "before", "after", "batch", "made_at"]
SENTENCE = "The decision log is append-only."

SQLITE = f"""
CREATE TRIGGER decision_log_is_append_only
BEFORE UPDATE OF {", ".join(f'"{name}"' for name in KEPT)} ON gathering_decision
BEGIN
    SELECT RAISE(ABORT, '{SENTENCE}');
END
"""
POSTGRESQL = [
    f"""
CREATE FUNCTION gathering_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'restrict_violation';
END
$$
""",
    f"""
CREATE TRIGGER decision_log_is_append_only
BEFORE UPDATE OF {", ".join(f'"{name}"' for name in KEPT)} ON gathering_decision
FOR EACH ROW EXECUTE FUNCTION gathering_refuse_change()
""",
]


def lock(apps, schema_editor):
    statements = {"sqlite": [SQLITE], "postgresql": POSTGRESQL}.get(schema_editor.connection.vendor, [])
    for statement in statements:
        schema_editor.execute(statement)


def unlock(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER IF EXISTS decision_log_is_append_only")
    elif vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER IF EXISTS decision_log_is_append_only ON gathering_decision")
        schema_editor.execute("DROP FUNCTION IF EXISTS gathering_refuse_change")


class Migration(migrations.Migration):
    dependencies = [("gathering", "0009_decision_adopted")]

    operations = [migrations.RunPython(lock, unlock, elidable=False)]
