import type { AdmissionPlugin, RequestContext } from '../../api/request.ts'
import { createRegistry } from '../../registry/create-registry.ts'
import type { Registry, ResourceRegistry } from '../../registry/registry.ts'
import { createMemoryStore } from '../../storage/memory-store.ts'
import type { Store } from '../../storage/store.ts'
import type { Clock } from '../../util/clock.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { builtInKinds } from '../index.ts'

/** All built-in kinds over a memory store, without admission unless some is given. */
export function createTestRegistry(
  options: { store?: Store; clock?: Clock; admission?: AdmissionPlugin[] } = {},
): Registry {
  const { store = createMemoryStore(), clock = new FakeClock(), admission = [] } = options
  return createRegistry({ store, kinds: builtInKinds, admission, clock, log: silentLogger })
}

/** What a request of somebody says about itself, at a fixed time. */
export function testContext(overrides: Partial<RequestContext> = {}): RequestContext {
  return {
    user: { name: 'ada', groups: [] },
    dryRun: false,
    fieldManager: 'test',
    now: '2026-01-01T00:00:00Z',
    warn: () => undefined,
    ...overrides,
  }
}

/** The resource of a built-in kind, of its first version. */
export function resourceOfKind(registry: Registry, kind: string): ResourceRegistry {
  const { group, version, names } = builtInKinds.find((one) => one.kind === kind)!
  return registry.resource(group, version, names.plural)!
}
