"""Texts: the messages that are sent to people (alerts, daily digest)."""

from __future__ import annotations

from collections.abc import Mapping

ALERT: Mapping[str, str] = {
    "subject": "[{mark}]chorus-outbox: {what}",
    "mark": "[TEST] ",
    "footer": "Folder: {folder}",
    "footer_page": "Dashboard: {page}",
    "invoices": "invoices that need you[ - not sent: {failed}][ - came back: {returned}][ - in doubt: {doubt}]",
    "failed": "NOT SENT: {count}",
    "returned": "CAME BACK: {count}",
    "doubt": "IN DOUBT: {count}",
    "others": "and others: {count}. See the folder “failed” or the dashboard.",
    "outage": "sending is suspended",
    "outage_since": "Nothing can be sent to Chorus Pro since {when}.",
    "outage_do": "What to do: {do}",
    "outage_safe": "Nothing is lost: the invoices wait and will leave by themselves (waiting now: {waiting}). Another message"
    " will say when it is over.",
    "resumed": "sending goes on again",
    "resumed_after": "Invoices can be sent to Chorus Pro again. The interruption lasted {duration} (since {when}).",
    "resumed_left": "Sent meanwhile or since: {sent}. Still waiting: {waiting}.",
    "share": "the drop folder can't be reached",
    "share_since": "Since {when} the program can't read the drop folder. [Technical detail: {detail}]",
    "share_do": "What to do: tell your administrator, who will check the share and the network. Files that lie there are not"
    " lost: they will be taken when the folder is back.",
    "share_back": "the drop folder is back",
    "share_back_after": "The program can read the drop folder again. The interruption lasted {duration} (since {when}).",
    "share_back_do": "What to do: nothing. The files that lie there are taken now.",
    "password": "the technical account's password ends on {when}",
    "password_ended": "the technical account's password has ended",
    "digest": "summary of {day}",
    "digest_todo": "summary of {day} - to deal with: {count}",
    "since_last": "SINCE THE LAST SUMMARY",
    "now": "NOW",
    "nothing": "Nothing.",
    "count": "{label}: {count}",
    "done_accepted": "Sent",
    "done_refused": "Not sent",
    "done_came_back": "Came back",
    "done_paid": "Paid",
    "now_waiting": "Waiting to be sent",
    "now_in_doubt": "In doubt: Chorus Pro is being asked",
    "now_failed": "Not sent, to be corrected (folder “failed”)",
    "now_returned": "Came back, to be corrected (folder “failed”)",
    "rejected": "REJECTIONS TO BE ACKNOWLEDGED (mandatory after 7 days)",
    "rejected_do": "What to do: issue a new invoice with a new number, and write “acquitter: oui” in its .yaml file.",
    "rejected_item": "{file}[, no. {number}]: rejected on {when}",
    "late": "WAITING FOR MORE THAN A DAY",
    "late_item": "{file}, since {when}[: {why}]",
    "more": "and others: {count}",
    "try": "test message",
    "try_body": "This message was asked for by “check --notify”: alerts reach you. There is nothing to do.",
}

CHECK: Mapping[str, str] = {
    "notify_nobody": "Alerts: nobody is told by message (the section “notify” is empty).",
    "notify": "Alerts: {to}, understood.",
    "notify_bad": "Alerts: {to}, address not understood. Correct it; see github.com/caronc/apprise/wiki.",
    "notify_sent": "Alerts: test message sent to {to}.",
    "notify_not_sent": "Alerts: the test message did not reach {to} ({detail}). Check the address, the server and the password.",
    "notify_none": "Alerts: no message can leave ({detail}).",
}
