"""The caps that are applied before any work is done on a message, in one place with their reasons."""

HEADER_VALUE_BYTES = 16 * 1024  # of one field; about 500 recipients, and no honest subject
HEADER_FIELDS = 1_000
HEADER_DECODED_BYTES = 256 * 1024  # of all fields together; routing fields are read whatever came before
SAME_FIELD = 100  # repeats of one name that are kept
HEADER_BLOCK_BYTES = 8 * 1024 * 1024  # searched for field starts; splitting is cheap, decoding is not

ENCODED_WORDS = 200  # in one value
PARAMETERS = 64  # in one Content-Type
ADDRESSES = 500  # in one field
REFERENCES = 200

PARTS = 500
DEPTH = 20  # multiparts within multiparts; deeper ones stay one opaque part

TEXT_BYTES = 1024 * 1024  # of one text part, after transfer decoding
TEXT_CHARACTERS = 1_000_000  # of the message's own text
ENCLOSED = 20  # attached messages that are read
ENCLOSED_CHARACTERS = 200_000
REPORT_BYTES = 256 * 1024
REPORTS = 500  # recipients in a delivery report
TNEF_BYTES = 30 * 1024 * 1024

HTML_CHARACTERS = 512 * 1024
HTML_DEPTH = 150  # nested elements that the converter may follow (it recurses)
HTML_ELEMENTS = 20_000
SIGNED_BYTES = 4 * 1024 * 1024  # of an opaque S/MIME envelope
