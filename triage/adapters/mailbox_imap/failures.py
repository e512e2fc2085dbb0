"""What the server, the network and the client library raise, in our two words: Temporary and Permanent.

Called by `connection` and `mailbox`, which are the only places where imapclient's exceptions surface.
"""

import imaplib
import re
import socket
import ssl

from imapclient.exceptions import LoginError

from triage.errors import Permanent, Temporary, TriageError

# imapclient reads what the server says without distrust: a malformed answer raises whatever the misread shape raises
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError, MemoryError)
RAISED = (OSError, imaplib.IMAP4.error, *UNREADABLE)

# RFC 5530: refusals that say of themselves that they will pass
_PASSING = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN|OVERQUOTA)\b", re.IGNORECASE)


def words(error: BaseException) -> str:
    """Return an error's text on one line, without Python's marks around bytes."""
    text = str(error) or type(error).__name__
    return " ".join(re.sub(r"\bb'((?:[^'\\]|\\.)*)'", r"\1", text).split())[:500]


def _lost(error: BaseException | None) -> bool:
    """Say whether a connection's end hides behind an error: imapclient calls it a failed login (4.1.0)."""
    while error is not None:
        if isinstance(error, imaplib.IMAP4.abort | OSError):
            return True
        error = error.__context__
    return False


def of_sign_in(error: Exception, user: str, host: str) -> TriageError:
    """Translate what a sign-in raised."""
    said = words(error)
    if not isinstance(error, LoginError) or _lost(error):
        return of_command(error, "signing in")
    if _PASSING.search(said):
        return Temporary(f"{host} refused the sign-in of {user} for now: {said}")
    return Permanent(f"{host} refused the sign-in of {user}; check user, password or token: {said}")


def of_connecting(error: Exception, host: str, port: int) -> TriageError:
    """Translate what opening the connection raised."""
    place = f"{host}:{port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return Permanent(
            f"the certificate of {place} is not trusted ({error.verify_message}); "
            "if it comes from an authority of your own, name that one's file in imap.ca"
        )
    if isinstance(error, ssl.SSLError) and "WRONG_VERSION_NUMBER" in str(error):
        return Permanent(f"{place} does not speak TLS from the start; is tls: starttls meant?")
    if isinstance(error, FileNotFoundError):
        return Permanent(f"no such file of certificates: {words(error)}")
    if isinstance(error, socket.gaierror):
        return Temporary(f"the name {host} cannot be resolved: {error.strerror}")
    if isinstance(error, ConnectionRefusedError):
        return Temporary(f"nobody listens at {place}")
    return of_command(error, f"connecting to {place}")


def of_command(error: Exception, what: str) -> TriageError:
    """Translate what a command on an open connection raised: in doubt the connection is at fault, and it passes."""
    if isinstance(error, TriageError):
        return error
    if isinstance(error, TimeoutError):
        return Temporary(f"no answer while {what}")
    if isinstance(error, UNREADABLE) and not isinstance(error, imaplib.IMAP4.error):
        return Temporary(
            f"the server's answer while {what} cannot be read: {type(error).__name__}: {words(error)}"
        )
    if _lost(error):
        return Temporary(f"connection lost while {what}: {words(error)}")
    return Temporary(f"the server refused while {what}: {words(error)}")


def of_folder(error: Exception, folder: str, known: list[str]) -> TriageError:
    """Translate a refused SELECT; `known` are the folders there are."""
    said = words(error)
    if _lost(error) and not isinstance(error, imaplib.IMAP4.readonly):
        return of_command(error, f"opening {folder}")
    if _PASSING.search(said):
        return Temporary(f"the folder {folder} cannot be opened for now: {said}")
    if isinstance(error, imaplib.IMAP4.readonly):
        return Permanent(f"the folder {folder} may only be read; use settle: none or a user with more rights")
    return Permanent(
        f"no folder {folder} ({said}); there are: {', '.join(known[:20]) or 'none'}{hint(folder, known)}"
    )


def hint(folder: str, known: list[str]) -> str:
    """Return the folder that was perhaps meant, as a question, or nothing."""
    import difflib  # noqa: PLC0415  # seldom needed

    meant = difflib.get_close_matches(folder.lower(), [name.lower() for name in known], n=1)
    return "".join(f"; did you mean {name}?" for name in known if meant and name.lower() == meant[0])
