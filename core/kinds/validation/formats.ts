import {
  dns1035LabelProblems,
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  labelValueProblems,
  qualifiedNameProblems,
} from '../../api/names.ts'

/**
 * Formats of names and values. Every check gives the list of what is wrong, in upstream's words
 * (apimachinery/pkg/util/validation/validation.go).
 */
const relaxedEnvName = /^[ -<>-~]+$/
const cIdentifier = '[A-Za-z_][A-Za-z0-9_]*'
const configKey = '[-._a-zA-Z0-9]+'

/** The forms above, compiled once. */
const compiled = new Map<string, RegExp>()

function matches(pattern: string, value: string): boolean {
  let form = compiled.get(pattern)
  if (!form) compiled.set(pattern, (form = new RegExp(`^(?:${pattern})$`)))
  return form.test(value)
}

/** The message of a text that does not match `pattern`, with examples of such that do (upstream: RegexError). */
export function regexError(message: string, pattern: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`
  const list = examples.map((example, at) => `${at > 0 ? ' or ' : ''}'${example}', `).join('')
  return `${message} (e.g. ${list}regex used for validation is '${pattern}')`
}

/** A label of a host name, such as a container's or a namespace's name. */
export const checkDns1123Label = dns1123LabelProblems

/** A host name of one or more labels: the name of most objects. */
export const checkDns1123Subdomain = dns1123SubdomainProblems

/** A label that starts with a letter: the name of a Service. */
export const checkDns1035Label = dns1035LabelProblems

/** `name` or `prefix.example/name`: the key of a label, annotation, taint or finalizer. */
export const checkQualifiedName = qualifiedNameProblems

export const checkLabelValue = labelValueProblems

/** Any printable ASCII but `=` (upstream: IsRelaxedEnvVarName). */
export function checkEnvVarName(value: string): string[] {
  if (value === '') return ['environment variable name must be non-empty']
  return relaxedEnvName.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
}

/** A name in the language C (upstream: IsCIdentifier). */
export function checkCIdentifier(value: string): string[] {
  const message =
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'"
  return matches(cIdentifier, value) ? [] : [regexError(message, cIdentifier, 'my_name', 'MY_NAME', 'MyName')]
}

/** A key of a ConfigMap or Secret: also a file name. */
export function checkConfigMapKey(value: string): string[] {
  const errors: string[] = []
  if (Buffer.byteLength(value) > 253) errors.push('must be no more than 253 characters')
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
