/**
 * What an env file gives a variable, undefined when it does not name it (upstream: pkg/kubelet/util/env ParseEnv): lines
 * `NAME='value'`, the value as it stands between the quotes and over several lines if it has them, a comment after it; blank
 * lines and those that begin with `#` do not count. Throws with what is wrong with a line before it.
 */
export function envFileValue(text: string, key: string): string | undefined {
  let rest = text.replaceAll('\r\n', '\n')
  for (let line = 1; rest !== ''; line++) {
    const wrong = (why: string): Error =>
      new Error(`invalid environment variable format at line ${line}: ${why}`)
    const end = rest.indexOf('\n')
    const current = (end < 0 ? rest : rest.slice(0, end)).replace(/^[ \t]+/, '')
    const following = end < 0 ? '' : rest.slice(end + 1)
    if (current === '' || current.startsWith('#')) {
      rest = following
      continue
    }
    const equals = current.indexOf('=')
    if (equals < 0) throw wrong("missing '='")
    const name = current.slice(0, equals)
    if (name.trim() === '') throw wrong('empty variable name')
    if (/\s/.test(name)) throw wrong("whitespace before '=' is not allowed")
    const given = current.slice(equals + 1)
    if (given === '' || /^[ \t]/.test(given)) {
      if (name === key) return ''
      rest = following
      continue
    }
    if (!given.startsWith("'")) throw wrong('value must be enclosed in single quotes')
    const quoted = end < 0 ? given : `${given}\n${following}`
    const close = quoted.indexOf("'", 1)
    if (close < 0) throw wrong('unclosed single quote')
    const [after = ''] = quoted.slice(close + 1).split('\n', 1)
    if (after.trim() !== '' && !/^\s+#/.test(after)) throw wrong('unexpected content after closing quote')
    const value = quoted.slice(1, close)
    if (name === key) return value
    line += value.split('\n').length - 1
    rest = quoted.slice(close + 1 + after.length + 1)
  }
  return undefined
}
