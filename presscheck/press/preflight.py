"""What has to be right before the first mail of a delivery, so that it is not taken for spam; all faults at once.

Gmail's and Yahoo's rules for bulk senders: one-click unsubscribe over https (RFC 8058), a signature
that belongs to the sender's domain; and CAN-SPAM's postal address. Channels that reach nobody,
such as the outbox, are not asked.
"""

from presscheck.models import Outgoing, Refused
from presscheck.press.channels import Channel, Preflight
from presscheck.unsubscribe_links import WayToLeave, url_fault


def not_ready(channel: Channel, manifest: Outgoing, way: WayToLeave) -> Refused | None:
    """The refusal that names every fault; None where the delivery may begin."""
    if not isinstance(channel, Preflight):
        return None
    faults: list[str] = []
    if manifest.channel == "email":
        if fault := url_fault(way.url):
            faults.append(f"The unsubscribe address {way.url} will not do: {fault} ([mail] unsubscribe_url).")
        if sum(character.isalnum() for character in manifest.sender.postal_address) < 5:
            faults.append("The sender's postal address is none: write street, town and country into the brief.")
    faults += channel.preflight(manifest)
    if not faults:
        return None
    return Refused(code="preflight", reason=f"Nothing was sent, because it is not ready: {' '.join(faults)}")
