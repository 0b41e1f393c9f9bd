import {
  isMap,
  isScalar,
  LineCounter,
  parseAllDocuments,
  stringify,
  type Document,
  type Node as YamlNode,
} from 'yaml'
import type { KubeObject } from '../../core/api/meta.ts'
import { yamlDialect } from '../../core/api/yaml-dialect.ts'

/** A problem at a place of the text; offsets count UTF-16 units. */
export interface TextProblem {
  from: number
  to: number
  message: string
  severity: 'error' | 'warning'
}

const dialect = { ...yamlDialect, prettyErrors: false, uniqueKeys: true }
type DialectOptions = Parameters<typeof parseAllDocuments>[1]

/** An object as YAML the way kubectl writes it; without `managedFields` unless asked for. */
export function toYaml(object: KubeObject, options: { managedFields?: boolean } = {}): string {
  const copy = structuredClone(object)
  if (!options.managedFields) delete copy.metadata.managedFields
  const { apiVersion, kind, metadata, ...rest } = copy
  return stringify(
    { apiVersion, kind, metadata, ...rest },
    { ...(dialect as object), indentSeq: false, lineWidth: 0, aliasDuplicateObjects: false },
  )
}

function problemsOf(document: Document.Parsed): TextProblem[] {
  const toProblem =
    (severity: TextProblem['severity']) => (error: { pos: [number, number]; message: string }) => ({
      from: error.pos[0],
      to: Math.max(error.pos[1], error.pos[0] + 1),
      message: error.message,
      severity,
    })
  return [...document.errors.map(toProblem('error')), ...document.warnings.map(toProblem('warning'))]
}

/** One document of a text: the object in it, or why there is none. */
export interface ParsedManifest {
  object: KubeObject | undefined
  problems: TextProblem[]
  /** Where it begins, and on which line (from 1). */
  offset: number
  line: number
}

function isKubeObject(value: unknown): value is KubeObject {
  const object = value as Partial<KubeObject> | null
  return (
    typeof object?.apiVersion === 'string' &&
    typeof object.kind === 'string' &&
    typeof object.metadata === 'object'
  )
}

function manifestOf(value: unknown, base: Omit<ParsedManifest, 'object'>): ParsedManifest[] {
  if (isKubeObject(value)) return [{ ...base, object: value }]
  const list = value as { kind?: string; items?: unknown[] } | null
  if (typeof list?.kind === 'string' && list.kind.endsWith('List') && Array.isArray(list.items))
    return list.items.flatMap((item) => manifestOf(item, base))
  const message = 'not a Kubernetes object: apiVersion, kind and metadata are needed'
  return [
    {
      ...base,
      object: undefined,
      problems: [...base.problems, { from: base.offset, to: base.offset + 1, message, severity: 'error' }],
    },
  ]
}

/** Every object of a multi-document YAML or JSON text, Lists taken apart; empty documents are left out. */
export function parseManifests(text: string): ParsedManifest[] {
  const lineCounter = new LineCounter()
  const documents = parseAllDocuments(text, {
    ...dialect,
    lineCounter,
  } as unknown as DialectOptions) as Document.Parsed[]
  const manifests: ParsedManifest[] = []
  for (const document of documents) {
    const problems = problemsOf(document)
    const offset = document.contents?.range?.[0] ?? document.range[0]
    const base = { problems, offset, line: lineCounter.linePos(offset).line }
    if (problems.some(({ severity }) => severity === 'error')) manifests.push({ ...base, object: undefined })
    else if (document.contents !== null && document.toJS() !== null)
      manifests.push(...manifestOf(document.toJS() as unknown, base))
  }
  return manifests
}

/** The one object of a text; problems say why there is none. */
export function parseObject(text: string): { object: KubeObject | undefined; problems: TextProblem[] } {
  const [first, second] = parseManifests(text)
  if (!first) return { object: undefined, problems: [] }
  if (second) {
    const problem: TextProblem = {
      from: second.offset,
      to: second.offset + 1,
      message: 'only one object can be edited here',
      severity: 'error',
    }
    return { object: undefined, problems: [problem] }
  }
  return { object: first.object, problems: first.problems }
}

/** `spec.containers[0].image` as path parts; keys in brackets (`annotations[a.b/c]`) stay whole. */
export function fieldPathParts(field: string): (string | number)[] {
  return [...field.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, inBrackets, plain]) => {
    const part = inBrackets ?? plain ?? ''
    return inBrackets !== undefined && /^\d+$/.test(part) ? Number(part) : part
  })
}

/**
 * Where a field the server complains about stands in the document that begins at `offset` of the text; the nearest parent when it is
 * not there itself.
 */
export function locateField(
  text: string,
  field: string,
  offset = 0,
): { from: number; to: number } | undefined {
  const documents = parseAllDocuments(text, dialect as unknown as DialectOptions) as Document.Parsed[]
  const document = documents.find(({ contents, range }) => (contents?.range?.[0] ?? range[0]) >= offset)
  if (!document) return undefined
  const parts = fieldPathParts(field)
  for (let length = parts.length; length > 0; length--) {
    const parent =
      length === 1
        ? document.contents
        : (document.getIn(parts.slice(0, length - 1), true) as YamlNode | undefined)
    const key = parts[length - 1]
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      : undefined
    const node = pair
      ? (pair.key as YamlNode)
      : (document.getIn(parts.slice(0, length), true) as YamlNode | undefined)
    if (node?.range) return { from: node.range[0], to: node.range[1] }
  }
  return undefined
}
