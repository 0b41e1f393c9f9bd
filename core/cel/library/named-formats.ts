import {
  dns1035LabelProblems,
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  labelValueProblems,
  qualifiedNameProblems,
} from '../../api/names.ts'
import { ArrayList } from '../values/containers.ts'
import { parseTimestamp } from '../values/time.ts'
import { CelError, CelOpaque, CelOptional, none } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'
import { parseUrl } from './url.ts'

/** A named rule for texts. */
export class CelFormat extends CelOpaque {
  readonly typeName = 'kubernetes.NamedFormat'
  readonly name: string
  /** How long its expression is taken to be when costs are counted. */
  readonly patternSize: number
  readonly problemsOf: (text: string) => string[]
  constructor(name: string, patternSize: number, problemsOf: (text: string) => string[]) {
    super()
    this.name = name
    this.patternSize = patternSize
    this.problemsOf = problemsOf
  }
  isEqualTo(other: CelOpaque): boolean {
    return other instanceof CelFormat && this.name === other.name
  }
}

/** A prefix may end with a dash: what is generated follows. */
const asPrefix =
  (check: (text: string) => string[]) =>
  (text: string): string[] =>
    check(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -1)}a` : text)
const unless =
  (test: (text: string) => boolean, problem: string) =>
  (text: string): string[] =>
    test(text) ? [] : [problem]

const uuid = /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && parseTimestamp(text) !== undefined
const isDateTime = (text: string): boolean => /[Tt]/.test(text) && parseTimestamp(text) !== undefined
const uriProblems = (text: string): string[] => {
  const url = parseUrl(text)
  return url instanceof CelError ? [url.message.replace(/^.*?from string: /, '')] : []
}

const formats = new Map(
  [
    new CelFormat('dns1123Label', 30, dns1123LabelProblems),
    new CelFormat('dns1123Subdomain', 60, dns1123SubdomainProblems),
    new CelFormat('dns1035Label', 30, dns1035LabelProblems),
    new CelFormat('qualifiedName', 60, qualifiedNameProblems),
    new CelFormat('dns1123LabelPrefix', 30, asPrefix(dns1123LabelProblems)),
    new CelFormat('dns1123SubdomainPrefix', 60, asPrefix(dns1123SubdomainProblems)),
    new CelFormat('dns1035LabelPrefix', 30, asPrefix(dns1035LabelProblems)),
    new CelFormat('labelValue', 40, labelValueProblems),
    new CelFormat('uri', 1103, uriProblems),
    new CelFormat(
      'uuid',
      145,
      unless((text) => uuid.test(text), 'does not match the UUID format'),
    ),
    new CelFormat(
      'byte',
      84,
      unless((text) => text !== '' && base64.test(text), 'invalid base64'),
    ),
    new CelFormat('date', 127, unless(isDate, 'invalid date')),
    new CelFormat('datetime', 127, unless(isDateTime, 'invalid datetime')),
  ].map((format) => [format.name, format]),
)

function validate(format: CelFormat, text: string): CelValue {
  const problems = format.problemsOf(text)
  return problems.length === 0 ? none : new CelOptional(new ArrayList(problems))
}

/** Named formats (upstream: pkg/cel/library/format.go). */
export const formatOverloads: Overload[] = [
  overload('format-named', 'format::named(string) -> optional<Format>', (name: string) => {
    const format = formats.get(name)
    return format ? new CelOptional(format) : none
  }),
  overload('format-validate', 'Format.validate(string) -> optional<list<string>>', validate),
  ...[...formats.values()].map((format) =>
    overload(`format.${format.name}`, `format::${format.name}() -> Format`, () => format),
  ),
]
