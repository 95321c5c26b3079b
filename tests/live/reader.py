"""A client as docs/realtime.md describes it: a snapshot, and events applied on top of it."""

import copy
import json
from typing import Any


class Client:
    def __init__(self, snapshot: dict[str, Any]) -> None:
        self.cursor: int = snapshot["to"]
        self.role: str = snapshot["you"]["role"]
        self.session = copy.deepcopy(snapshot["session"])
        self.prompts = {prompt["id"]: prompt for prompt in copy.deepcopy(snapshot["prompts"])}
        self.said = {one["id"]: one for one in copy.deepcopy(snapshot["contributions"])}
        self.tables = {table["id"]: table for table in copy.deepcopy(snapshot.get("tables", []))}
        self.seat = snapshot["you"].get("table")
        self.themes = snapshot.get("themes")

    def take(self, frame: dict[str, Any]) -> None:
        assert frame["from"] <= self.cursor
        for event in frame["events"]:
            if event["seq"] > self.cursor:
                self.apply(event)
        self.cursor = max(self.cursor, frame["to"])

    def apply(self, event: dict[str, Any]) -> None:
        noun, _, verb = event["kind"].partition(".")
        if "version" in event:
            self.session["version"] = event["version"]
        if "prompt_count" in event:
            self.session["prompt_count"] = event["prompt_count"]
        getattr(self, f"on_{noun}")(verb, event)

    def on_session(self, verb: str, event: dict[str, Any]) -> None:
        name = {"moderation_changed": "moderation", "rehearsal_started": "is_rehearsal"}.get(verb, "state")
        self.session[name] = event[name]

    def on_prompt(self, verb: str, event: dict[str, Any]) -> None:
        if "prompt" in event:
            self.prompts[event["prompt"]["id"]] = event["prompt"]
        if verb == "shown":
            if self.session["prompt"] in self.prompts and self.session["prompt"] != event["prompt"]["id"]:
                self.prompts[self.session["prompt"]]["state"] = "closed"
            self.session["prompt"] = event["prompt"]["id"]
        elif verb == "closed":
            self.session["prompt"] = None
            self.prompts[event["prompt_id"]]["state"] = "closed"
        elif verb == "removed":
            self.prompts.pop(event.get("prompt_id"), None)
            for place, prompt in enumerate(self._in_order(), start=1):
                if self.role == "console":
                    prompt["number"] = place
        elif verb == "moved":
            numbers = event.get("numbers") or {
                str(prompt): place for place, prompt in enumerate(event.get("order", ()), start=1)
            }
            for prompt, number in numbers.items():
                if int(prompt) in self.prompts:
                    self.prompts[int(prompt)]["number"] = number
        if "numbers" in event:
            for prompt, number in event["numbers"].items():
                if int(prompt) in self.prompts:
                    self.prompts[int(prompt)]["number"] = number

    def _in_order(self) -> list[dict[str, Any]]:
        return sorted(self.prompts.values(), key=lambda prompt: prompt["number"])

    def on_contribution(self, verb: str, event: dict[str, Any]) -> None:
        if "contribution" in event:
            said = event["contribution"]
            self.said[said["id"]] = said
            if self.role == "console" and said["table_id"] in self.tables:
                table = self.tables[said["table_id"]]
                table["last_said_at"] = max(table["last_said_at"] or "", said["received_at"])
        elif verb in ("hidden", "withdrawn"):
            self.said.pop(event["contribution_id"], None)
        elif verb in ("starred", "unstarred"):
            self.said[event["contribution_id"]]["starred"] = event["starred"]
        elif verb in ("tagged", "untagged"):
            self.said[event["contribution_id"]]["tags"] = event["tags"]
        elif event["contribution_id"] in self.said:
            self.said[event["contribution_id"]]["merged_into"] = event["merged_into"]

    def on_spotlight(self, verb: str, event: dict[str, Any]) -> None:
        shown = event.get("contribution")
        self.session["spotlight"] = shown["id"] if shown else None

    def on_timer(self, verb: str, event: dict[str, Any]) -> None:
        self.session["timer_ends_at"] = event["timer_ends_at"]

    def on_wall(self, verb: str, event: dict[str, Any]) -> None:
        if verb.startswith("themes_"):
            self.themes = event.get("themes", self.themes)
            return
        name = "blank" if verb == "blanked" else "message"
        self.session[name] = event[name]

    def on_table(self, verb: str, event: dict[str, Any]) -> None:
        if "table" in event:
            self.tables[event["table"]["id"]] = event["table"]
        elif "table_id" in event:
            self.tables.pop(event["table_id"], None)

    def on_seat(self, verb: str, event: dict[str, Any]) -> None:
        self.seat = event["table"]

    def state(self) -> dict[str, Any]:
        """All that a snapshot says and events change, in a form that can be compared."""
        return {
            "session": self.session,
            "prompts": self._in_order(),
            "contributions": sorted(self.said.values(), key=lambda one: one["seq"]),
            "tables": sorted(self.tables.values(), key=lambda table: (table["position"], table["id"])),
            "seat": self.seat,
            "themes": self.themes,
        }


def as_sent(message: Any) -> Any:
    """A message after its way through JSON."""
    return json.loads(json.dumps(message, default=str))
