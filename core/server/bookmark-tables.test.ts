import { expect, it } from 'vitest'
import { builtInKinds } from '../kinds/index.ts'
import { useApiServer } from './testing/use-api-server.ts'

const api = useApiServer()
const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }

interface TableEvent {
  type: string
  object: {
    columnDefinitions: unknown[] | null
    rows: Array<{ cells: unknown[]; object: unknown }>
  }
}

/** What a watch of Tables sends until the end of its first picture and a little longer. */
async function eventsOf(path: string, selector: string): Promise<TableEvent[]> {
  const options =
    'watch=1&allowWatchBookmarks=1&sendInitialEvents=1&resourceVersionMatch=NotOlderThan&timeoutSeconds=1'
  const { raw } = await api.call('GET', `${path}?${options}&labelSelector=${selector}`, { headers })
  const lines = raw.toString().split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as TableEvent)
}

it('sends column definitions once, and null with what follows', async () => {
  for (const name of ['first', 'second']) {
    const body = { metadata: { name, labels: { shown: 'once' } } }
    expect((await api.call('POST', api.configMaps, { body })).code).toBe(201)
  }
  const events = await eventsOf(api.configMaps, 'shown%3Donce')
  expect(events.map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK'])
  const definitions = events.map(({ object }) => object.columnDefinitions)
  expect(definitions).toEqual([[expect.anything(), expect.anything(), expect.anything()], null, null])
})

it.each([
  ['/api/v1/configmaps', ['', 0, '<unknown>']],
  ['/api/v1/events', ['<unknown>', '', '', '', '', '', '', '<unknown>', 1, '']],
  ['/api/v1/pods', ['', '0/0', '', '0', '<unknown>', '<none>', '<none>', '<none>', '<none>']],
  ['/api/v1/limitranges', ['', '0001-01-01T00:00:00Z']],
  ['/apis/apps/v1/statefulsets', ['', '0/0', '<unknown>', '', '']],
  ['/apis/autoscaling/v2/horizontalpodautoscalers', ['', '/', '<none>', '<unset>', 0, 0, '<unknown>']],
  ['/apis/discovery.k8s.io/v1/endpointslices', ['', '', '<unset>', '<unset>', '<unknown>']],
  ['/apis/rbac.authorization.k8s.io/v1/rolebindings', ['', '/', '<unknown>', '', '', '']],
  ['/apis/storage.k8s.io/v1/volumeattachments', ['', '', '', '', false, '<unknown>']],
])('shows a bookmark of %s as the row of an object in which nothing is set', async (path, cells) => {
  const bookmark = (await eventsOf(path, 'none')).at(-1)!
  expect(bookmark.object.rows).toEqual([{ cells, object: expect.anything() }])
})

it.each([
  ['None', 'PartialObjectMetadata'],
  ['Metadata', 'PartialObjectMetadata'],
  ['Object', 'ConfigMap'],
])('keeps the object of a bookmark with includeObject=%s', async (included, kind) => {
  const events = await eventsOf(api.configMaps, `none&includeObject=${included}`)
  const metadata = expect.objectContaining({ annotations: { 'k8s.io/initial-events-end': 'true' } })
  expect(events.at(-1)!.object.rows[0]!.object).toMatchObject({ kind, metadata })
})

it('has a cell for every column in the bookmarks of every kind', async () => {
  const kinds = builtInKinds.filter(({ withoutVerbs }) => !withoutVerbs?.includes('watch'))
  const differing = await Promise.all(
    kinds.map(async ({ group, version, names, columns }) => {
      const path = `${group ? `/apis/${group}` : '/api'}/${version}/${names.plural}`
      const cells = (await eventsOf(path, 'none')).at(-1)?.object.rows[0]?.cells ?? []
      return cells.length === columns.length && !cells.includes(null) ? [] : [{ path, cells }]
    }),
  )
  expect(differing.flat()).toEqual([])
})
