import { parse } from 'yaml'
import type { KubeObject } from '../../api/meta.ts'
import type { RequestContext } from '../../api/request.ts'
import { StatusError } from '../../api/status.ts'
import type { ResourceRegistry } from '../../registry/registry.ts'
import { createTestRegistry, resourceOfKind } from './test-registry.ts'

/** JSON of any shape. */
export type AnyObject = ReturnType<typeof JSON.parse>

const creation = '2026-01-01T00:00:00Z'
const fiveMinutesLater = Date.parse('2026-01-01T00:05:00Z')

/** The built-in kinds behind a real registry over an empty store, without admission, driven by YAML. */
export class TestKinds {
  readonly warnings: string[] = []
  readonly #registry = createTestRegistry()
  #now = creation

  /** From now on requests carry this time. */
  setTime(now: string): void {
    this.#now = now
  }

  /** Creates what the YAML says once `change` is made to it, in the namespace `default`; gives the stored object. */
  async create(yaml: string, change?: (object: AnyObject) => void): Promise<AnyObject> {
    const object = parse(yaml) as KubeObject
    change?.(object)
    const target = this.resource(object.kind!)
    const namespace = target.definition.namespaced ? 'default' : undefined
    return (await target.create(namespace, object, { context: this.context() })).object
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
    const context = this.context()
    const options = subresource === undefined ? { context } : { context, subresource }
    return (await this.resource(object.kind!).update({ namespace, name }, copy, options)).object
  }

  /** The `kubectl get` row of an object five minutes after its creation, `-o wide` columns after a bar. */
  row(object: KubeObject): string {
    const { columns } = this.resource(object.kind!).definition
    const cells = (isWide: boolean): string =>
      columns
        .filter((column) => (column.priority ?? 0) > 0 === isWide)
        .map((column) => String(column.value(object, fiveMinutesLater)))
        .join(' ')
    return cells(true) ? `${cells(false)} | ${cells(true)}` : cells(false)
  }

  /** The same cells with the names of their columns, in the order of the columns. */
  namedRow(object: KubeObject): string {
    const { columns } = this.resource(object.kind!).definition
    return columns
      .map((column) => `${column.name}=${String(column.value(object, fiveMinutesLater))}`)
      .join(' | ')
  }

  /** The resource of a built-in kind, of its first version. */
  resource(kind: string): ResourceRegistry {
    return resourceOfKind(this.#registry, kind)
  }

  /** What a request says about itself. */
  context(): RequestContext {
    return {
      user: { name: 'ada', uid: 'u1', groups: ['devs', 'system:authenticated'] },
      dryRun: false,
      fieldManager: 'test',
      now: this.#now,
      warn: (message) => this.warnings.push(message),
    }
  }
}

/** What a refused request says; `accepted` for one that is not refused. */
export async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'accepted',
    (error: unknown) => (error as Error).message,
  )
}

/** What a refused request says after `is invalid: `, or the whole message; `accepted` for one that is not refused. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  return (await messageOf(work)).replace(/^.*? is invalid: /s, '')
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
