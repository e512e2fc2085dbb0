"""Ports `MessageParser` and `MessageReader` through mail-parser, with a small reader of our own around it.

parser (the port) | header_block headers addresses encoded_words mime_fields charset (the header)
| mime_tree transfer own_text plain_text html_text calendar_text (the text)
| attached_messages delivery_status (what is inside) | limits | child, frames, process, worker, pool (reading apart, with
limits). Nothing is imported here: `child` starts the reading process before the daemon has imported the rest.
"""
