import { SelectorError, parseLabelSelector } from './label-parser.ts'
import type { Requirement } from './label-parser.ts'
import type { LabelSelector } from './meta.ts'

// All there is about selectors can be had from here.
export { SelectorError, parseLabelSelector }
export type { Requirement }

export type Labels = Record<string, string> | undefined
export type Matcher = (labels: Labels) => boolean

function matchesOne(requirement: Requirement, labels: Labels): boolean {
  const value = labels && Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined
  switch (requirement.operator) {
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '=':
    case 'in':
      return value !== undefined && requirement.values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !requirement.values.includes(value)
    case 'gt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) > Number(requirement.values[0])
    case 'lt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) < Number(requirement.values[0])
  }
}

/** Whether `labels` satisfy every requirement. */
export function matchesRequirements(requirements: Requirement[], labels: Labels): boolean {
  return requirements.every((requirement) => matchesOne(requirement, labels))
}

/** Turns a LabelSelector object into requirements. An empty selector selects everything. Throws SelectorError. */
export function requirementsOf(selector: LabelSelector): Requirement[] {
  const exact = Object.entries(selector.matchLabels ?? {}).map(([key, value]): Requirement => ({
    key,
    operator: '=',
    values: [value],
  }))
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values }): Requirement => {
    switch (operator) {
      case 'In':
        return { key, operator: 'in', values: values ?? [] }
      case 'NotIn':
        return { key, operator: 'notin', values: values ?? [] }
      case 'Exists':
        return { key, operator: 'exists', values: [] }
      case 'DoesNotExist':
        return { key, operator: '!', values: [] }
      default:
        throw new SelectorError(`"${operator}" is not a valid label selector operator`)
    }
  })
  return [...exact, ...expressions]
}

/** A matcher for a LabelSelector; `undefined` selects nothing, `{}` everything, as upstream. */
export function labelMatcher(selector: LabelSelector | undefined): Matcher {
  if (!selector) return () => false
  const requirements = requirementsOf(selector)
  return (labels) => matchesRequirements(requirements, labels)
}

/** The text form (`a=b,c in (d,e)`) of requirements, for query strings and `status.selector`. */
export function formatRequirements(requirements: Requirement[]): string {
  return requirements
    .map(({ key, operator, values }) => {
      switch (operator) {
        case 'exists':
          return key
        case '!':
          return `!${key}`
        case 'in':
        case 'notin':
          return `${key} ${operator} (${[...values].sort().join(',')})`
        case 'gt':
          return `${key}>${values[0]}`
        case 'lt':
          return `${key}<${values[0]}`
        default:
          return `${key}${operator}${values[0]}`
      }
    })
    .join(',')
}

/** A field selector term: `metadata.name=x`, `spec.nodeName!=y`. */
export interface FieldRequirement {
  field: string
  operator: '=' | '!='
  value: string
}

/**
 * Parses a field selector (upstream: apimachinery/pkg/fields/selector.go): its terms in order, without those that have
 * neither a field nor a value. Throws SelectorError.
 */
export function parseFieldSelector(text: string): FieldRequirement[] {
  // Each end of a term is looked for once: a comma after a backslash is data.
  const terms = text.match(/(?:[^,\\]|\\.?)+/gsu) ?? []
  return terms.sort().flatMap((term): FieldRequirement[] => {
    const match = /^(.*?)(!=|==|=)(.*)$/su.exec(term)
    if (!match) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`)
    const [, field = '', operator, rest = ''] = match
    const value = unescaped(rest)
    return field || value ? [{ field, operator: operator === '!=' ? '!=' : '=', value }] : []
  })
}

/** The one value that a field must have, where a selector says so. */
export function exactValue(requirements: readonly FieldRequirement[], field: string): string | undefined {
  return requirements.find((requirement) => requirement.field === field && requirement.operator === '=')
    ?.value
}

/** A value as it stands in a field selector. */
export function escapedFieldValue(value: string): string {
  return value.replaceAll(/[\\,=]/g, String.raw`\$&`)
}

function unescaped(value: string): string {
  return value.replace(/\\(.?)|[,=]/gsu, (found, after: string | undefined) => {
    if (after === undefined) {
      const code = found.codePointAt(0)!
      throw new SelectorError(`invalid field selector: unescaped character in value: ${code}`)
    }
    if (/[,=\\]/.test(after)) return after
    throw new SelectorError(`invalid field selector: invalid escape sequence: ${found}`)
  })
}
