import { describe, expect, it } from 'vitest'
import type { RegistryEvent, WatchQuery } from '../registry.ts'
import { TestRegistry, configMap, pod } from '../test-registry.ts'
import type { TestObject } from '../test-registry.ts'

const ref = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name })

async function filled(...names: string[]): Promise<TestRegistry> {
  const t = new TestRegistry()
  for (const [index, name] of names.entries()) {
    await t.configMaps.create(
      'default',
      configMap(name, {}, { half: index % 2 ? 'odd' : 'even' }),
      t.options(),
    )
  }
  return t
}

function names(page: { entries: { object: { metadata: { name: string } } }[] }): string[] {
  return page.entries.map((entry) => entry.object.metadata.name)
}

describe('list', () => {
  it('pages at one revision, whatever is written meanwhile', async () => {
    const t = await filled('a', 'b', 'c', 'd')
    const first = await t.configMaps.list({ namespace: 'default', limit: 2 })
    expect(names(first)).toEqual(['a', 'b'])
    expect(first).toMatchObject({ resourceVersion: '4', remainingItemCount: 2 })
    await t.configMaps.delete(ref('c'), {}, t.options())
    await t.configMaps.create('default', configMap('e'), t.options())
    const second = await t.configMaps.list({ namespace: 'default', limit: 2, continue: first.continue! })
    expect(names(second)).toEqual(['c', 'd'])
    expect(second.continue).toBeUndefined()
    expect(second.resourceVersion).toBe('4')
  })

  it('says when a continue token is too old and how to go on', async () => {
    const t = await filled('a', 'b', 'c')
    const first = await t.configMaps.list({ namespace: 'default', limit: 1 })
    await t.configMaps.create('default', configMap('d'), t.options())
    await t.store.compact(4)
    const error = await t.configMaps
      .list({ namespace: 'default', limit: 1, continue: first.continue! })
      .catch(
        (reason: unknown) =>
          reason as { status: { code: number; reason: string; metadata: { continue: string } } },
      )
    if (!('status' in error)) throw new Error('expected a refusal')
    expect(error.status).toMatchObject({ code: 410, reason: 'Expired' })
    const rest = await t.configMaps.list({ namespace: 'default', continue: error.status.metadata.continue })
    expect(names(rest)).toEqual(['b', 'c', 'd'])
  })

  it('fills pages with what a selector picks, without counting the rest', async () => {
    const t = await filled('a', 'b', 'c', 'd', 'e')
    const query = { namespace: 'default', labelSelector: 'half=even', limit: 2 }
    const first = await t.configMaps.list(query)
    expect(names(first)).toEqual(['a', 'c'])
    expect(first.remainingItemCount).toBeUndefined()
    expect(names(await t.configMaps.list({ ...query, continue: first.continue! }))).toEqual(['e'])
  })

  it('selects by fields, and names those it does not know', async () => {
    const t = await filled('a', 'ab')
    expect(
      names(await t.configMaps.list({ namespace: 'default', fieldSelector: 'metadata.name=a' })),
    ).toEqual(['a'])
    expect(
      names(await t.configMaps.list({ fieldSelector: 'metadata.name!=a,metadata.namespace=default' })),
    ).toEqual(['ab'])
    await t.pods.create('default', pod('p', { nodeName: 'n1' }), t.options())
    expect(names(await t.pods.list({ fieldSelector: 'spec.nodeName=n1' }))).toEqual(['p'])
    await expect(t.configMaps.list({ fieldSelector: 'data.x=1' })).rejects.toMatchObject({
      code: 400,
      message: '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    })
    await expect(t.configMaps.list({ labelSelector: 'a in b' })).rejects.toMatchObject({ code: 400 })
  })

  it('follows the resourceVersion rules', async () => {
    const t = await filled('a', 'b')
    expect(names(await t.configMaps.list({ resourceVersion: '1', resourceVersionMatch: 'Exact' }))).toEqual([
      'a',
    ])
    expect(
      names(await t.configMaps.list({ resourceVersion: '1', resourceVersionMatch: 'NotOlderThan' })),
    ).toEqual(['a', 'b'])
    expect(names(await t.configMaps.list({ resourceVersion: '0' }))).toEqual(['a', 'b'])
    await expect(t.configMaps.list({ resourceVersion: '99' })).rejects.toMatchObject({
      status: {
        code: 504,
        reason: 'Timeout',
        message: 'Timeout: Too large resource version: 99, current: 2',
        details: { retryAfterSeconds: 1, causes: [{ reason: 'ResourceVersionTooLarge' }] },
      },
    })
    await expect(t.configMaps.list({ resourceVersionMatch: 'Exact' })).rejects.toMatchObject({ code: 422 })
    await expect(t.configMaps.list({ resourceVersion: 'x' })).rejects.toMatchObject({ code: 400 })
    await expect(t.configMaps.list({ limit: 1, continue: 'rubbish' })).rejects.toMatchObject({ code: 400 })
  })

  it('refuses version parameters that do not go together, as upstream words it', async () => {
    const t = await filled('a')
    const refusal = async (work: Promise<unknown>): Promise<string> =>
      ((await work.catch((error: unknown) => error)) as Error).message
    const field = 'ListOptions.meta.k8s.io "" is invalid: '
    expect(await refusal(t.configMaps.list({ resourceVersionMatch: 'Exact' }))).toBe(
      `${field}resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided`,
    )
    expect(await refusal(t.configMaps.list({ resourceVersionMatch: 'Exact', resourceVersion: '0' }))).toBe(
      `${field}resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"`,
    )
    expect(await refusal(t.configMaps.list({ resourceVersionMatch: 'Odd', resourceVersion: '1' }))).toBe(
      `${field}resourceVersionMatch: Unsupported value: "Odd": supported values: "Exact", "NotOlderThan", ""`,
    )
    expect(await refusal(t.configMaps.list({ sendInitialEvents: true }))).toBe(
      `${field}sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list`,
    )
    const nobody = { onEvents: () => undefined, onEnd: () => undefined }
    expect(await refusal(t.configMaps.watch({ resourceVersionMatch: 'Exact' }, nobody))).toBe(
      `${field}[resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided, ` +
        'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]',
    )
    expect(await refusal(t.configMaps.watch({ sendInitialEvents: true }, nobody))).toBe(
      `${field}resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan`,
    )
  })

  it('reads one object as it was, as far as the history goes', async () => {
    const t = await filled('a')
    await t.configMaps.update(ref('a'), configMap('a', { v: '2' }), t.options())
    await t.configMaps.delete(ref('a'), {}, t.options())
    const at = (resourceVersion: string): Promise<unknown> =>
      t.configMaps
        .get('default', 'a', { resourceVersion, resourceVersionMatch: 'Exact' })
        .then(({ object }) => object)
    expect(await at('1')).toMatchObject({ metadata: { resourceVersion: '1' } })
    expect(await at('2')).toMatchObject({ data: { v: '2' }, metadata: { resourceVersion: '2' } })
    await expect(at('3')).rejects.toMatchObject({ code: 404 })
    await t.store.compact(2)
    await expect(at('1')).rejects.toMatchObject({ code: 410, status: { reason: 'Expired' } })
  })
})

interface Seen {
  events: RegistryEvent[]
  ended: (Error | undefined)[]
  close(): void
  /** Resolves when this many events have come. */
  until(count: number): Promise<string[]>
}

async function watch(t: TestRegistry, query: WatchQuery): Promise<Seen> {
  const events: RegistryEvent[] = []
  const ended: (Error | undefined)[] = []
  let wake: (() => void) | undefined
  const handle = await t.configMaps.watch(query, {
    onEvents(batch) {
      events.push(...batch)
      wake?.()
    },
    onEnd: (error) => ended.push(error),
  })
  return {
    events,
    ended,
    close: () => handle.close(),
    async until(count) {
      while (events.length < count) await new Promise<void>((resolve) => (wake = resolve))
      return events.map(
        ({ type, object }) => `${type} ${object.metadata.name}@${object.metadata.resourceVersion}`,
      )
    },
  }
}

describe('watch', () => {
  it('sends what happened after a revision, with the stored bytes', async () => {
    const t = await filled('a', 'b')
    const seen = await watch(t, { namespace: 'default', resourceVersion: '1' })
    const { bytes } = await t.configMaps.update(ref('a'), configMap('a', { v: '1' }), t.options())
    await t.configMaps.delete(ref('b'), {}, t.options())
    expect(await seen.until(3)).toEqual(['ADDED b@2', 'MODIFIED a@3', 'DELETED b@4'])
    expect(seen.events[1]!.bytes).toBe(bytes)
    seen.close()
  })

  it('begins with the current state when no revision is given', async () => {
    const t = await filled('a', 'b')
    const seen = await watch(t, { labelSelector: 'half=odd' })
    expect(await seen.until(1)).toEqual(['ADDED b@2'])
    seen.close()
  })

  it('marks the end of the initial events with a bookmark when asked', async () => {
    const t = await filled('a')
    const query = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true }
    const seen = await watch(t, query)
    await seen.until(2)
    expect(seen.events[1]!.object).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { resourceVersion: '1', annotations: { 'k8s.io/initial-events-end': 'true' } },
    })
    seen.close()
    await expect(watch(t, { sendInitialEvents: true })).rejects.toMatchObject({ code: 422 })
  })

  it('turns changes at the selector boundary into additions and deletions', async () => {
    const t = await filled('a')
    const seen = await watch(t, { resourceVersion: '1', labelSelector: 'half=odd' })
    const label = (half: string): Promise<unknown> =>
      t.configMaps.patch(ref('a'), { type: 'merge', patch: { metadata: { labels: { half } } } }, t.options())
    await label('odd')
    await label('even')
    expect(await seen.until(2)).toEqual(['ADDED a@2', 'DELETED a@3'])
    expect(seen.events[1]!.object.metadata.labels).toEqual({ half: 'odd' })
    expect(
      (JSON.parse(Buffer.from(seen.events[1]!.bytes).toString()) as TestObject).metadata.resourceVersion,
    ).toBe('3')
    seen.close()
  })

  it('sends bookmarks while it is idle, and one two seconds before its timeout', async () => {
    const t = await filled('a')
    const seen = await watch(t, { resourceVersion: '1', allowWatchBookmarks: true, timeoutSeconds: 90 })
    await t.pods.create('default', pod('p'), t.options())
    await t.clock.advance(61_000)
    expect(await seen.until(1)).toEqual(['BOOKMARK undefined@2'])
    await t.clock.advance(27_000)
    expect(await seen.until(2)).toHaveLength(2)
    expect(seen.ended).toEqual([])
    await t.clock.advance(2000)
    expect([seen.events.length, seen.ended]).toEqual([2, [undefined]])
    expect(t.clock.pending).toBe(1)
  })

  it('sends none for its end when it is short', async () => {
    const t = await filled('a')
    const seen = await watch(t, { resourceVersion: '1', allowWatchBookmarks: true, timeoutSeconds: 2 })
    await t.clock.advance(2000)
    expect([seen.events, seen.ended]).toEqual([[], [undefined]])
  })

  it('refuses a revision that is compacted away', async () => {
    const t = await filled('a', 'b', 'c')
    await t.store.compact(3)
    await expect(watch(t, { resourceVersion: '1' })).rejects.toMatchObject({
      status: { code: 410, reason: 'Expired', message: 'too old resource version: 1 (3)' },
    })
  })

  it('waits for what comes after a revision that is not there yet', async () => {
    const t = await filled('a', 'b', 'c')
    const ahead = t.store.revision + 1
    const seen = await watch(t, { resourceVersion: String(ahead) })
    await t.configMaps.create('default', configMap('d'), { context: t.context() })
    await t.configMaps.create('default', configMap('e'), { context: t.context() })
    expect(await seen.until(1)).toEqual([`ADDED e@${ahead + 1}`])
    seen.close()
  })

  it('says where the state ends, which a watch from no version begins with', async () => {
    const t = await filled('a')
    const seen = await watch(t, { allowWatchBookmarks: true })
    await seen.until(2)
    expect(seen.events.at(-1)?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
    seen.close()
  })
})
