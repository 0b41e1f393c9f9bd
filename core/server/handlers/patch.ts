import { badRequest, unsupportedMediaType } from '../../api/status.ts'
import type { KindDefinition } from '../../registry/kind.ts'
import { patchTypesOf } from '../../registry/patch/patch-types.ts'
import type { PatchBody } from '../../registry/registry.ts'
import { contentTypeOf } from '../body/body-decoder.ts'
import { checkData, parseJson } from '../body/json.ts'
import { MalformedBody } from '../body/malformed-body.ts'
import { readBody } from '../body/read-body.ts'
import { parseYaml } from '../body/yaml.ts'
import type { Exchange } from '../exchange.ts'
import { authorizeCreate, writeSource, type VerbHandler } from './handler-context.ts'
import { respondObject } from './respond-object.ts'
import { requireName, requireVerb } from './target.ts'
import { isForced, parseWriteOptions } from './write-options.ts'
import { goKind } from '../../util/go-kind.ts'

/** How the refusal of a malformed patch begins. */
const prefixes: Record<PatchBody['type'], string> = {
  strategic: '',
  merge: 'error decoding patch: ',
  json: 'error decoding patch: ',
  apply: 'error decoding YAML: ',
}

/** Parses a patch. An apply patch is YAML, and clients mostly send its JSON subset, which parses far quicker as JSON. */
function parsePatch(type: PatchBody['type'], bytes: Buffer): { value: unknown; problems: string[] } {
  try {
    if (type !== 'apply') return parseJson(bytes)
    if (bytes[0] === 0x7b) {
      try {
        return parseJson(bytes)
      } catch (error) {
        if (!(error instanceof MalformedBody)) throw error
      }
    }
    const parsed = parseYaml(bytes.toString())
    checkData(parsed.value)
    return parsed
  } catch (error) {
    throw error instanceof MalformedBody ? badRequest(prefixes[type] + error.message) : error
  }
}

/** Reads a patch by its media type. Throws 415 for types that the kind does not take and 400 for malformed text. */
async function readPatch(
  exchange: Exchange,
  definition: KindDefinition,
): Promise<{ patch: PatchBody; problems: string[] }> {
  const contentType = contentTypeOf(exchange)
  const patchTypes = patchTypesOf(definition)
  const type = Object.hasOwn(patchTypes, contentType) ? patchTypes[contentType] : undefined
  if (!type) throw unsupportedMediaType(Object.keys(patchTypes))
  const bytes = await readBody(exchange)
  if (bytes.length === 0) throw badRequest(`${prefixes[type]}unexpected end of JSON input`)
  const { value, problems } = parsePatch(type, bytes)
  exchange.audit?.requestObject(value)
  if (type === 'json') return { patch: { type, operations: value }, problems }
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
  const { patch, problems } = await readPatch(exchange, target.definition)
  const options = parseWriteOptions(writeSource(exchange, context.clock), 'PatchOptions', {
    decodeProblems: problems,
    subresource: target.subresource,
    isApply: patch.type === 'apply',
  })
  options.authorizeCreate = authorizeCreate(exchange, context)
  const result = await target.resource.patch(ref, patch, options)
  await respondObject(
    exchange,
    { target, context },
    { code: result.created ? 201 : 200, object: result.object, bytes: result.bytes },
  )
}
