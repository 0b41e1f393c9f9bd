/**
 * Name rules with upstream's wording (apimachinery/pkg/util/validation/validation.go). Each gives the messages of what
 * is wrong; an empty list means right.
 */
const labelForm = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomainForm = `${labelForm}(\\.${labelForm})*`
const qualifiedForm = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValueForm = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?'

const label = new RegExp(`^${labelForm}$`)
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const qualified = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const labelValue = /^(?:(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

/** Names are counted in characters by upstream's messages, keys and values of labels in bytes; both mean bytes. */
function tooLong(max: number, unit: 'bytes' | 'characters' = 'characters'): string {
  return `must be no more than ${max} ${unit}`
}

function regexMessage(text: string, form: string, examples: string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ')
  return `${text} (e.g. ${shown}regex used for validation is '${form}')`
}

/** A DNS label such as a namespace's name (RFC 1123). */
export function dns1123LabelProblems(value: string): string[] {
  const problems = value.length > 63 ? [tooLong(63)] : []
  if (label.test(value)) return problems
  if (subdomain.test(value)) return [...problems, 'must not contain dots']
  const text =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"
  return [...problems, regexMessage(text, labelForm, ['my-name', '123-abc'])]
}

/** A DNS subdomain, the usual rule for object names (RFC 1123). */
export function dns1123SubdomainProblems(value: string): string[] {
  return subdomainProblems(value, 'characters')
}

function subdomainProblems(value: string, unit: 'bytes' | 'characters'): string[] {
  const problems = value.length > 253 ? [tooLong(253, unit)] : []
  if (subdomain.test(value)) return problems
  const text =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
  return [...problems, regexMessage(text, subdomainForm, ['example.com'])]
}

/** A name that must be one segment of a URL path. */
export function pathSegmentProblems(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return pathPrefixProblems(value)
}

/** The same of what a segment of a path begins with. */
export function pathPrefixProblems(value: string): string[] {
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`)
}

/** Written only where it is needed: keys of labels are looked at all the time. */
function qualifiedMessage(): string {
  const text =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
  return regexMessage(text, qualifiedForm, ['MyName', 'my.name', '123-abc'])
}

/** The key of a label or annotation: an optional DNS subdomain and `/`, then a name of up to 63 characters. */
export function qualifiedNameProblems(value: string): string[] {
  const parts = value.split('/')
  const name = parts.at(-1)!
  if (parts.length > 2)
    return [
      `a valid label key ${qualifiedMessage()} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  const problems: string[] = []
  if (parts.length === 2) {
    const prefix = parts[0]!
    if (prefix === '') problems.push('prefix part must be non-empty')
    else problems.push(...subdomainProblems(prefix, 'bytes').map((problem) => `prefix part ${problem}`))
  }
  if (name === '') problems.push('name part must be non-empty')
  else if (name.length > 63) problems.push(`name part ${tooLong(63, 'bytes')}`)
  if (!qualified.test(name)) problems.push(`name part ${qualifiedMessage()}`)
  return problems
}

/** The value of a label. */
export function labelValueProblems(value: string): string[] {
  const problems = value.length > 63 ? [tooLong(63, 'bytes')] : []
  if (labelValue.test(value)) return problems
  const text =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
  return [...problems, regexMessage(text, labelValueForm, ['MyValue', 'my_value', '12345'])]
}

const dns1035Form = '[a-z]([-a-z0-9]*[a-z0-9])?'
const dns1035 = new RegExp(`^${dns1035Form}$`)

/** A DNS label that begins with a letter (RFC 1035). */
export function dns1035LabelProblems(value: string): string[] {
  const problems = value.length > 63 ? [tooLong(63)] : []
  if (dns1035.test(value)) return problems
  const text =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"
  return [...problems, regexMessage(text, dns1035Form, ['my-name', 'abc-123'])]
}
