/**
 * Runs the container's best shell with a terminal: bash where there is one, else sh. Images mostly name no locale; bash then takes the
 * bytes of letters beyond ASCII for keys and shows them as numbers, so it gets the locale that comes with the C library, if it is there.
 */
export const shellCommand = [
  'sh',
  '-c',
  'export TERM=xterm-256color; ' +
    'if [ -z "$LC_ALL$LC_CTYPE$LANG" ]; then for name in C.utf8 C.UTF-8; do ' +
    'if [ -e "/usr/lib/locale/$name" ]; then export LC_CTYPE=C.UTF-8; fi; done; fi; ' +
    'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi',
]
