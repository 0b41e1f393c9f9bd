import { Agent } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiRoot, apiVersionOf } from '../api/gvk.ts'
import { builtInKinds } from '../kinds/index.ts'
import { manifestOf } from '../kinds/testing/minimal-manifests.ts'
import type { KindDefinition } from '../registry/kind.ts'
import { openApiFacts } from '../registry/schema/api-facts.ts'
import type { Schema } from '../registry/schema/schema.ts'
import { startTestServer, type Reply, type TestServer } from './testing/test-server.ts'

type Path = (string | number)[]
const facts = openApiFacts()
const agent = new Agent({ keepAlive: true, maxSockets: 8 })
/** The last that 64 bits hold, and the first that they do not. */
const integers = ['9223372036854775807', '9223372036854775808']
const merge = { 'content-type': 'application/merge-patch+json' }

function namedManifest(definition: KindDefinition): object {
  const { kind, group, version } = definition
  return { apiVersion: apiVersionOf({ group, version }), kind, ...manifestOf(definition) }
}

/** Where a schema has integers. */
function integersOf(schema: Schema | undefined, visited: readonly Schema[] = []): Path[] {
  const reference = schema?.$ref ?? schema?.allOf?.[0]?.$ref
  const own = reference === undefined ? schema : facts.schema(reference.replace(/^.*\//, ''))
  if (!own || visited.includes(own)) return []
  const inside = (child: Schema | undefined, segment: string | number): Path[] =>
    integersOf(child, [...visited, own]).map((path) => [segment, ...path])
  if (own.type === 'integer') return [[]]
  const { properties = {}, additionalProperties: additional } = own
  return [
    ...Object.entries(properties).flatMap(([name, child]) => inside(child, name)),
    ...inside(own.items, 0),
    ...(typeof additional === 'object' ? inside(additional, 'key') : []),
  ]
}

/** A copy with a value at a path, which is made where it is missing. */
function withValue(target: unknown, [segment, ...rest]: Path, value: unknown): unknown {
  if (segment === undefined) return value
  if (typeof segment === 'number') {
    const items = Array.isArray(target) ? (target as unknown[]) : []
    return [withValue(items[0], rest, value), ...items.slice(1)]
  }
  const members = (typeof target === 'object' && target !== null ? target : {}) as Record<string, unknown>
  return { ...members, [segment]: withValue(members[segment], rest, value) }
}

describe('integers beyond 2^53 in every field of built-in kinds', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer()
  })
  afterAll(async () => {
    agent.destroy()
    await server.close()
  })

  async function send(
    method: string,
    path: string,
    options: { body: string; headers?: Record<string, string> },
  ): Promise<Reply> {
    const reply = await server.call(method, path, { ...options, agent })
    expect(
      reply.code,
      `${method} ${path} ${options.body} -> ${reply.raw.toString().slice(0, 300)}`,
    ).toBeLessThan(500)
    return reply
  }

  const kinds = builtInKinds.filter(({ schema, isVirtual }) => typeof schema === 'string' && !isVirtual)
  it.each(kinds.map((kind) => [`${kind.names.plural}.${kind.version}.${kind.group}`, kind] as const))(
    '%s',
    async (_name, kind) => {
      const collection = `${apiRoot(kind)}${kind.namespaced ? '/namespaces/default' : ''}/${kind.names.plural}`
      const manifest = withValue(namedManifest(kind), ['metadata', 'name'], 'hostile')
      await send('POST', collection, { body: JSON.stringify(manifest) })
      for (const path of integersOf(facts.schema(kind.schema as string))) {
        for (const integer of integers) {
          const body = JSON.stringify(withValue(manifest, path, '#')).replace('"#"', integer)
          const made = await send('POST', `${collection}?dryRun=All`, {
            body: body.replace('"hostile"', '"other"'),
          })
          // What is kept is kept as it is; it may be no field that a client sets.
          const text = made.code === 201 ? made.raw.toString() : ''
          const rounded = String(Number(integer))
          expect(rounded !== integer && text.includes(`:${rounded}`), `${path.join('.')}: ${text}`).toBe(
            false,
          )
          const patch = JSON.stringify(withValue({}, path, '#')).replace('"#"', integer)
          const name = path[0] === 'status' ? 'hostile/status' : 'hostile'
          await send('PATCH', `${collection}/${name}?dryRun=All`, { headers: merge, body: patch })
        }
      }
    },
  )
})
