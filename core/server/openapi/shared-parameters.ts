import type { SwaggerParameter } from './swagger-document.ts'

const unshared = new Set(['query name', 'path name', 'query fieldValidation', 'query dryRun'])
const genericPrefix = '#/definitions/io.k8s.apimachinery'

/** The parameters that the paths of a Swagger 2.0 document refer to instead of each repeating them. */
export interface SharedParameters {
  /** A reference to the parameter, or itself where it is none to share: kubectl looks for some by name. */
  share(parameter: SwaggerParameter): SwaggerParameter
  readonly parameters: Record<string, SwaggerParameter>
}

/** Each shared parameter is named by itself and a hash of what it says (upstream: kube-openapi pkg/builder/parameters.go). */
export function createSharedParameters(): SharedParameters {
  const names = new Map<string, string>()
  const parameters: Record<string, SwaggerParameter> = {}
  return {
    parameters,
    share(parameter) {
      if (!isShared(parameter)) return parameter
      const text = JSON.stringify(parameter)
      let name = names.get(text)
      if (name === undefined) {
        name = `${parameter.name}-${hashOf(text)}`
        names.set(text, name)
        parameters[name] = parameter
      }
      return { $ref: `#/parameters/${name}` } as unknown as SwaggerParameter
    },
  }
}

function isShared({ in: place, name, schema }: SwaggerParameter): boolean {
  if (place === 'body') return String(schema?.['$ref']).startsWith(genericPrefix)
  return !unshared.has(`${place} ${name}`)
}

const prime = 0x100000001b3n
const mask = 0xffffffffffffffffn

/** The first six bytes of a text's FNV-1 hash of 64 bits, in eight letters. */
function hashOf(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of Buffer.from(text)) hash = ((hash * prime) & mask) ^ BigInt(byte)
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(hash)
  return bytes.subarray(0, 6).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}
