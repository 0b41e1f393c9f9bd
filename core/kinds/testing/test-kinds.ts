import { parse } from 'yaml'
import type { KubeObject } from '../../api/meta.ts'
import type { RequestContext } from '../../api/request.ts'
import { StatusError } from '../../api/status.ts'
import { createRegistry } from '../../registry/create-registry.ts'
import type { ResourceRegistry } from '../../registry/registry.ts'
import { createMemoryStore } from '../../storage/memory-store.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import { silentLogger } from '../../util/logger.ts'
import { builtInKinds } from '../index.ts'

/** JSON of any shape. */
export type AnyObject = ReturnType<typeof JSON.parse>

/** The built-in kinds behind a real registry over an empty store, without admission, driven by YAML. */
export class TestKinds {
  readonly warnings: string[] = []
  readonly #registry = createRegistry({
    store: createMemoryStore(),
    kinds: builtInKinds,
    admission: [],
    clock: new FakeClock(),
    log: silentLogger,
  })
  #now = '2026-01-01T00:00:00Z'

  /** From now on requests carry this time. */
  setTime(now: string): void {
    this.#now = now
  }

  /** Creates what the YAML says, in the namespace `default`; gives the stored object. */
  async create(yaml: string): Promise<AnyObject> {
    const object = parse(yaml) as KubeObject
    const target = this.#resource(object.kind!)
    const namespace = target.definition.namespaced ? 'default' : undefined
    return (await target.create(namespace, object, { context: this.#context() })).object
  }

  /** Updates an object by changing a copy of it, through a subresource where one is named. */
  async update(
    object: KubeObject,
    change: (copy: AnyObject) => void,
    subresource?: string,
  ): Promise<AnyObject> {
    const copy = structuredClone(object)
    change(copy)
    const { name, namespace } = object.metadata
    const context = this.#context()
    const options = subresource === undefined ? { context } : { context, subresource }
    return (await this.#resource(object.kind!).update({ namespace, name }, copy, options)).object
  }

  /** The `kubectl get` row of an object five minutes after its creation, `-o wide` columns after a bar. */
  row(object: KubeObject): string {
    const { columns } = this.#resource(object.kind!).definition
    const now = Date.parse('2026-01-01T00:05:00Z')
    const cells = (isWide: boolean): string =>
      columns
        .filter((column) => (column.priority ?? 0) > 0 === isWide)
        .map((column) => String(column.value(object, now)))
        .join(' ')
    return cells(true) ? `${cells(false)} | ${cells(true)}` : cells(false)
  }

  #resource(kind: string): ResourceRegistry {
    const { group, version, names } = builtInKinds.find((one) => one.kind === kind)!
    return this.#registry.resource(group, version, names.plural)!
  }

  #context(): RequestContext {
    return {
      user: { name: 'ada', uid: 'u1', groups: ['devs', 'system:authenticated'] },
      dryRun: false,
      fieldManager: 'test',
      now: this.#now,
      warn: (message) => this.warnings.push(message),
    }
  }
}

/** What a refused request says after `is invalid: `, or the whole message; `accepted` for one that is not refused. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'accepted'
  } catch (error) {
    return (error as Error).message.replace(/^.*? is invalid: /s, '')
  }
}

/** What a request is refused for, cause by cause: `FieldValueInvalid spec.x: Invalid value: …`; none when it is accepted. */
export async function causesOf(work: Promise<unknown>): Promise<string[]> {
  try {
    await work
    return []
  } catch (error) {
    if (!(error instanceof StatusError) || !error.status.details?.causes) throw error
    return error.status.details.causes.map(
      ({ reason, field, message }) => `${reason ?? ''} ${field ?? ''}: ${message ?? ''}`,
    )
  }
}
