/**
 * Formats of names and values. Every check gives the list of what is wrong, in upstream's words
 * (apimachinery/pkg/util/validation/validation.go).
 */
const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const dns1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelText = `(${qualified})?`
const relaxedEnvName = '[ -<>-~]+'
const configKey = '[-._a-zA-Z0-9]+'

function matches(pattern: string, value: string): boolean {
  return new RegExp(`^(?:${pattern})$`).test(value)
}

/** The message of a text that does not match `pattern`, with examples of such that do (upstream: RegexError). */
export function regexError(message: string, pattern: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`
  const list = examples.map((example, at) => `${at > 0 ? ' or ' : ''}'${example}', `).join('')
  return `${message} (e.g. ${list}regex used for validation is '${pattern}')`
}

function byteLength(value: string): number {
  return Buffer.byteLength(value)
}

/** The message for a text of too many bytes. */
function maxLengthMessage(max: number): string {
  return `must be no more than ${max} bytes`
}

/** A label of a host name, such as a container's or a namespace's name. */
export function checkDns1123Label(value: string): string[] {
  const errors: string[] = []
  if (byteLength(value) > 63) errors.push(maxLengthMessage(63))
  if (!matches(label, value)) {
    errors.push(
      matches(subdomain, value)
        ? 'must not contain dots'
        : regexError(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
            label,
            'my-name',
            '123-abc',
          ),
    )
  }
  return errors
}

/** A host name of one or more labels: the name of most objects. */
export function checkDns1123Subdomain(value: string): string[] {
  const errors: string[] = []
  if (byteLength(value) > 253) errors.push(maxLengthMessage(253))
  if (!matches(subdomain, value)) {
    errors.push(
      regexError(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        subdomain,
        'example.com',
      ),
    )
  }
  return errors
}

/** A label that starts with a letter: the name of a Service. */
export function checkDns1035Label(value: string): string[] {
  const errors: string[] = []
  if (byteLength(value) > 63) errors.push(maxLengthMessage(63))
  if (!matches(dns1035, value)) {
    errors.push(
      regexError(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        dns1035,
        'my-name',
        'abc-123',
      ),
    )
  }
  return errors
}

/** `name` or `prefix.example/name`: the key of a label, annotation, taint or finalizer. */
export function checkQualifiedName(value: string): string[] {
  const parts = value.split('/')
  const rule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
  const examples = ['MyName', 'my.name', '123-abc']
  if (parts.length > 2) {
    return [
      `${regexError(`a qualified name ${rule}`, qualified, ...examples)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const errors: string[] = []
  const name = parts.at(-1) ?? ''
  if (parts.length === 2) {
    const prefix = parts[0] ?? ''
    if (prefix === '') errors.push('prefix part must be non-empty')
    else errors.push(...checkDns1123Subdomain(prefix).map((message) => `prefix part ${message}`))
  }
  if (name === '') errors.push('name part must be non-empty')
  else if (byteLength(name) > 63) errors.push(`name part ${maxLengthMessage(63)}`)
  if (!matches(qualified, name)) errors.push(`name part ${regexError(rule, qualified, ...examples)}`)
  return errors
}

export function checkLabelValue(value: string): string[] {
  const errors: string[] = []
  if (byteLength(value) > 63) errors.push(maxLengthMessage(63))
  if (!matches(labelText, value)) {
    errors.push(
      regexError(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        labelText,
        'MyValue',
        'my_value',
        '12345',
      ),
    )
  }
  return errors
}

/** Any printable ASCII but `=` (upstream: IsRelaxedEnvVarName). */
export function checkEnvVarName(value: string): string[] {
  if (value === '') return ['environment variable name must not be empty']
  if (matches(relaxedEnvName, value)) return []
  return [
    regexError(
      "a valid environment variable name must consist only of printable ASCII characters other than '='",
      relaxedEnvName,
    ),
  ]
}

/** A key of a ConfigMap or Secret: also a file name. */
export function checkConfigMapKey(value: string): string[] {
  const errors: string[] = []
  if (byteLength(value) > 253) errors.push(maxLengthMessage(253))
  if (!matches(configKey, value)) {
    errors.push(
      regexError(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        configKey,
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    )
  }
  if (value === '.') errors.push("must not be '.'")
  else if (value === '..') errors.push("must not be '..'")
  else if (value.startsWith('..')) errors.push("must not start with '..'")
  return errors
}

/** A named port (RFC 6335 service name). */
export function checkPortName(value: string): string[] {
  const errors: string[] = []
  if (value.length > 15) errors.push('must be no more than 15 characters')
  if (!matches('[-a-z0-9]+', value))
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)')
  if (value.includes('--')) errors.push('must not contain consecutive hyphens')
  if (value !== '' && (value.startsWith('-') || value.endsWith('-'))) {
    errors.push('must not begin or end with a hyphen')
  }
  return errors
}

export function checkPortNumber(value: number): string[] {
  return Number.isInteger(value) && value >= 1 && value <= 65535
    ? []
    : ['must be between 1 and 65535, inclusive']
}
