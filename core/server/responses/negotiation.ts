import { notAcceptable, StatusError } from '../../api/status.ts'
import { isCustom, type KindDefinition } from '../../registry/kind.ts'
import type { ProtobufEncoder } from '../../registry/protobuf/encode-protobuf.ts'
import { covers, parseAccept, type AcceptClause } from './accept.ts'

/** Shapes an answer can take besides the object itself. */
export type Transform = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'

/** How an answer is to be written. */
export type AnswerForm = { format: 'json' | 'yaml' } | { format: 'protobuf'; encoder: ProtobufEncoder }
/** The versions of the shapes, which differ in nothing but their name. */
export type MetaVersion = 'v1' | 'v1beta1'
/** `version` is that of the shape: v1 where it is left out. */
export type Negotiated = AnswerForm & { transform?: Transform; version?: MetaVersion }

/** Chooses the form of an answer by an Accept header; throws 406 where there is none. */
export type Negotiate = (accept: string | undefined) => Negotiated

export const protobufType = 'application/vnd.kubernetes.protobuf'
const produced = [
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  [protobufType, 'protobuf'],
] as const
type Format = (typeof produced)[number][1]
/** What objects are answered in, in the order of upstream's messages. */
export const producedTypes: string[] = produced.map(([type]) => type)

/** The media type of a form. */
export function typeOfForm({ format }: AnswerForm): string {
  return produced.find(([, each]) => each === format)![0]
}

const metadataTransforms: readonly Transform[] = ['PartialObjectMetadata', 'PartialObjectMetadataList']
const allTransforms: readonly Transform[] = ['Table', ...metadataTransforms]
/** Accept headers repeat; what they mean is remembered for this many of them. */
const cacheSize = 256

/** What is offered. */
interface Offer {
  encoder: ProtobufEncoder
  /** Default: all. */
  transforms?: readonly Transform[]
  /** Whether objects as they are have no protobuf; their metadata alone has. */
  isCustom?: boolean
}

/** Upstream's RequestScope.AllowsMediaTypeTransform and acceptMediaTypeOptions. */
function negotiateClause(clause: AcceptClause, offer: Offer): Negotiated | undefined {
  const { as, g, v, stream } = clause.parameters
  if (stream && stream !== 'watch') return undefined
  const isPlain = as === undefined && g === undefined && v === undefined
  const transform = (offer.transforms ?? allTransforms).find((one) => one === as)
  const isKnown = transform && g === 'meta.k8s.io' && (v === 'v1' || v === 'v1beta1')
  if (!isPlain && !isKnown) return undefined
  const form = formOf(clause, offer.encoder, (format) => allows(format, { offer, transform, stream }))
  if (!form || !transform) return form
  return v === 'v1beta1' ? { ...form, transform, version: v } : { ...form, transform }
}

/** The first form that a clause covers and `allows` lets pass; undefined where there is none. */
export function formOf(
  clause: AcceptClause,
  encoder: ProtobufEncoder,
  allows: (format: Format) => boolean = () => true,
): AnswerForm | undefined {
  const format = produced.find(([type, each]) => covers(clause, type) && allows(each))?.[1]
  return format === 'protobuf' ? { format, encoder } : format && { format }
}

function allows(
  format: Format,
  wanted: { offer: Offer; transform: Transform | undefined; stream: string | undefined },
): boolean {
  // Watches are not written in YAML, nor Tables in protobuf.
  if (format === 'yaml') return !wanted.stream
  if (format === 'json') return true
  return wanted.transform ? wanted.transform !== 'Table' : !wanted.offer.isCustom
}

/**
 * Chooses the form of answers to object requests: JSON, YAML or protobuf, whole, as a Table or as metadata only (upstream:
 * endpoints/handlers/negotiation). A client that takes nothing else, or only shapes that are none of `transforms`, gets 406.
 */
function createNegotiator(offer: Offer): Negotiate {
  const cache = new Map<string, Negotiated>()
  return (accept = '') => {
    const known = cache.get(accept)
    if (known) return known
    for (const clause of parseAccept(accept)) {
      const negotiated = negotiateClause(clause, offer)
      if (!negotiated) continue
      if (cache.size >= cacheSize) cache.clear()
      cache.set(accept, negotiated)
      return negotiated
    }
    throw notAcceptable(producedTypes)
  }
}

/** What is asked for: objects of a kind, or what a subresource shows of them. */
export interface Asked {
  definition: KindDefinition
  subresource?: string | undefined
}

/** Kinds by group whose status alone has no Table. */
const statusWithoutTable = new Set([
  'apiextensions.k8s.io/CustomResourceDefinition',
  'apiregistration.k8s.io/APIService',
  'resource.k8s.io/ResourceClaim',
])

/** Whether it can be shown as a Table: upstream's storage of it has a TableConvertor. */
function hasTable({ definition, subresource }: Asked): boolean {
  const { group, kind, withoutVerbs } = definition
  if (subresource === undefined) return withoutVerbs?.includes('list') !== true
  if (subresource === 'status') return !statusWithoutTable.has(`${group}/${kind}`)
  return subresource === 'scale'
}

/**
 * Chooses by what is asked for: custom resources have no protobuf, and what is answered and never listed, such as
 * reviews, has no Table, nor have most subresources.
 */
export function createKindNegotiator(
  encoder: ProtobufEncoder,
): (accept: string | undefined, asked: Asked) => Negotiated {
  const offers = [
    { encoder },
    { encoder, isCustom: true },
    { encoder, transforms: metadataTransforms },
    { encoder, transforms: metadataTransforms, isCustom: true },
  ].map(createNegotiator)
  return (accept, asked) => offers[(hasTable(asked) ? 0 : 2) + (isCustom(asked.definition) ? 1 : 0)]!(accept)
}

/**
 * Chooses the form of failures, which have no other shapes: JSON where the client takes none of the forms (upstream:
 * responsewriters.ErrorNegotiated).
 */
export function createErrorNegotiator(encoder: ProtobufEncoder): (accept: string | undefined) => AnswerForm {
  const negotiate = createNegotiator({ encoder, transforms: [] })
  return (accept) => {
    try {
      return negotiate(accept)
    } catch (error) {
      if (error instanceof StatusError) return { format: 'json' }
      throw error
    }
  }
}
