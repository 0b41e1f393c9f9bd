import type { DecodeProblems } from '../../registry/schema/duplicate-keys.ts'
import { badRequest, failure, unsupportedMediaType } from '../../api/status.ts'
import { isCustom, type KindDefinition } from '../../registry/kind.ts'
import { patchTypesOf } from '../../registry/patch/patch-types.ts'
import type { PatchBody } from '../../registry/registry.ts'
import { contentTypeOf } from '../body/body-decoder.ts'
import { checkData, parseJson } from '../body/json.ts'
import { MalformedBody } from '../body/malformed-body.ts'
import { readBody } from '../body/read-body.ts'
import { parseYamlAside } from '../body/yaml-thread.ts'
import type { Exchange } from '../exchange.ts'
import { authorizeCreate, writeSource, type VerbHandler } from './handler-context.ts'
import { respondObject } from './respond-object.ts'
import { requireName, requireVerb } from './target.ts'
import { isForced, parseWriteOptions } from './write-options.ts'
import { goKind } from '../../util/go-kind.ts'
import { Stint } from '../../util/stint.ts'

/** How the refusal of a malformed patch begins. */
const prefixes: Record<PatchBody['type'], string> = {
  strategic: '',
  merge: 'error decoding patch: ',
  json: 'error decoding patch: ',
  apply: 'error decoding YAML: ',
}

const yamlConversion = 'error converting YAML to JSON: '

/** Parses a patch. An apply patch is YAML, and clients mostly send its JSON subset, which parses far quicker as JSON. */
async function parsePatch(
  type: PatchBody['type'],
  bytes: Buffer,
): Promise<{ value: unknown; problems: DecodeProblems }> {
  try {
    if (type !== 'apply') return parseJson(bytes)
    if (bytes[0] === 0x7b) {
      try {
        const parsed = parseJson(bytes)
        if (parsed.problems.messages.length === 0) return parsed
      } catch (error) {
        if (!(error instanceof MalformedBody)) throw error
      }
    }
    const parsed = await parseYamlAside(bytes.toString())
    checkData(parsed.value)
    return parsed
  } catch (error) {
    if (!(error instanceof MalformedBody)) throw error
    const conversion = type === 'apply' ? yamlConversion : ''
    throw badRequest(prefixes[type] + conversion + error.message)
  }
}

/** The format of a patch by its media type. Throws 415 for types that the kind does not take. */
function patchTypeOf(exchange: Exchange, definition: KindDefinition): PatchBody['type'] {
  const contentType = contentTypeOf(exchange)
  const patchTypes = patchTypesOf(definition)
  const type = Object.hasOwn(patchTypes, contentType) ? patchTypes[contentType] : undefined
  if (!type) {
    // Routes of built-in kinds refuse it before any handler sees it.
    if (!isCustom(definition)) throw failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
    throw unsupportedMediaType(Object.keys(patchTypes))
  }
  return type
}

/** Reads a patch. Throws 400 for malformed text. */
async function readPatch(
  exchange: Exchange,
  type: PatchBody['type'],
): Promise<{ patch: PatchBody; problems: string[] }> {
  const bytes = await readBody(exchange)
  if (bytes.length === 0 && type !== 'apply')
    throw badRequest(`${prefixes[type]}unexpected end of JSON input`)
  const stint = new Stint()
  const {
    value,
    problems: { messages: problems },
  } = await parsePatch(type, bytes)
  exchange.audit?.requestObject(value)
  if (stint.isLong) await stint.rest()
  if (type === 'json') {
    return {
      patch: { type, operations: value },
      problems: problems.map((problem) => `json patch ${problem}`),
    }
  }
  if (type === 'apply' && value === null)
    return { patch: { type, patch: {}, force: isForced(exchange.query) }, problems }
  if (type === 'strategic' && value === null) return { patch: { type, patch: {} }, problems }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const why = `json: cannot unmarshal ${goKind(value)} into Go value of type map[string]interface {}`
    const before = type === 'apply' ? 'error unmarshaling JSON: while decoding JSON: ' : ''
    throw badRequest(value === null ? 'Invalid JSON Patch' : prefixes[type] + before + why)
  }
  if (type !== 'apply') return { patch: { type, patch: value }, problems }
  return { patch: { type, patch: value, force: isForced(exchange.query) }, problems }
}

/** PATCH of an object or of its status, scale or other subresource, in the four patch formats. */
export const handlePatch: VerbHandler = async (exchange, target, context) => {
  requireVerb(target, 'patch')
  const ref = requireName(target)
  const type = patchTypeOf(exchange, target.definition)
  const options = parseWriteOptions(writeSource(exchange, context.clock), 'PatchOptions', {
    subresource: target.subresource,
    isApply: type === 'apply',
  })
  const { patch, problems } = await readPatch(exchange, type)
  if (type === 'apply' && problems[0] !== undefined && options.fieldValidation === 'Strict')
    throw badRequest(`error strict decoding YAML: ${yamlConversion}${problems[0]}`)
  if (problems.length > 0) options.decodeProblems = { messages: problems }
  options.authorizeCreate = authorizeCreate(exchange, context)
  const result = await target.resource.patch(ref, patch, options)
  await respondObject(
    exchange,
    { target, context },
    { code: result.created ? 201 : 200, object: result.object, bytes: result.bytes },
  )
}
