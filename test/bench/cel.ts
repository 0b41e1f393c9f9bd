/**
 * `npm run bench:cel`: what expressions cost. Prints one JSON object: nanoseconds of one evaluation of a typical rule,
 * microseconds to compile it, and microseconds that three rules add to the creation of a custom resource in memory.
 * Processor time, best of several rounds: other load on the machine disturbs that least.
 */
import { compileExpression } from '../../core/cel/compile.ts'
import { declaredType } from '../../core/cel/declared-type.ts'
import { createEnvironment } from '../../core/cel/environment.ts'
import { createRegistry } from '../../core/registry/create-registry.ts'
import type { KindDefinition } from '../../core/registry/kind.ts'
import type { ResourceRegistry } from '../../core/registry/registry.ts'
import type { Schema } from '../../core/registry/schema/schema.ts'
import { createMemoryStore } from '../../core/storage/memory-store.ts'
import { systemClock } from '../../core/util/clock.ts'
import { silentLogger } from '../../core/util/logger.ts'

const rule = 'self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas'
const rules = [rule, 'self.replicas % 2 == 0', 'self.names.all(name, name.startsWith("a"))']
const evaluations = 100_000
const compilations = 500
const creations = 500
const rounds = 25

const integer: Schema = { type: 'integer' }
const spec: Schema = {
  type: 'object',
  properties: {
    minReplicas: integer,
    replicas: integer,
    maxReplicas: integer,
    names: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 20 } },
  },
}
const values = { minReplicas: 1, replicas: 4, maxReplicas: 9, names: ['a', 'ab', 'abc'] }

const round = (value: number): number => Math.round(value * 10) / 10

/** Milliseconds of processor time that this process has used. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Milliseconds of one of `count` runs. */
function timeOf(count: number, run: () => void): number {
  const times = Array.from({ length: rounds }, () => {
    const startedAt = cpuMs()
    for (let index = 0; index < count; index++) run()
    return (cpuMs() - startedAt) / count
  })
  return Math.min(...times)
}

const environment = createEnvironment({ variables: { self: declaredType(spec)! } })
const { program } = compileExpression(rule, environment)
if (!program) throw new Error('the rule does not compile')
const outcome = program.evaluate({ self: values })
if (!('value' in outcome) || outcome.value !== true) throw new Error('the rule does not hold')
const evaluationMs = timeOf(evaluations, () => void program.evaluate({ self: values }))
const compilationMs = timeOf(compilations, () => void compileExpression(rule, environment))

function widgets(schema: Schema): ResourceRegistry {
  const kind: KindDefinition = {
    group: 'example.com',
    version: 'v1',
    kind: 'Widget',
    namespaced: true,
    names: { plural: 'widgets', singular: 'widget' },
    schema: { type: 'object', properties: { spec: schema } },
    columns: [],
  }
  const registry = createRegistry({
    store: createMemoryStore(),
    kinds: [kind],
    admission: [],
    clock: systemClock,
    log: silentLogger,
  })
  return registry.resource('example.com', 'v1', 'widgets')!
}

let made = 0
/** Milliseconds of one creation, one after another. */
async function createMs(resource: ResourceRegistry): Promise<number> {
  const startedAt = cpuMs()
  for (let index = 0; index < creations; index++) {
    const object = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: `w-${made++}` },
      spec: values,
    }
    const user = { name: 'bench', groups: [] }
    const now = '2026-01-01T00:00:00Z'
    const context = { user, dryRun: true, fieldManager: 'bench', now, warn: () => undefined }
    await resource.create('default', object, { context, fieldValidation: 'Strict' })
  }
  return (cpuMs() - startedAt) / creations
}

const plain = widgets(spec)
const ruled = widgets({ ...spec, 'x-kubernetes-validations': rules.map((one) => ({ rule: one })) })
const without: number[] = []
const withRules: number[] = []
for (let index = 0; index < rounds; index++) {
  // Alternating, so that a busy machine slows both alike.
  without.push(await createMs(plain))
  withRules.push(await createMs(ruled))
}
const createWithoutUs = Math.min(...without) * 1000
const createWithRulesUs = Math.min(...withRules) * 1000
process.stdout.write(
  `${JSON.stringify({
    evaluationNs: Math.round(evaluationMs * 1e6),
    compilationUs: round(compilationMs * 1000),
    createWithoutRulesUs: round(createWithoutUs),
    createWithThreeRulesUs: round(createWithRulesUs),
    threeRulesAddUs: round(createWithRulesUs - createWithoutUs),
  })}\n`,
)
