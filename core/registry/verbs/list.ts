import { badRequest, expired } from '../../api/status.ts'
import { CompactedError, FutureRevisionError } from '../../storage/store.ts'
import type { Entry, ListOptions, ListResult } from '../../storage/store.ts'
import type { ListPage, ListQuery } from '../registry.ts'
import { decodeContinue, encodeContinue, expiredContinue } from './continue-token.ts'
import type { ListCost } from './list-observer.ts'
import { checkListOptions, parseResourceVersion, tooLargeResourceVersion } from './resource-version.ts'
import { prefixOf, requireVerb, storeFailure } from './scope.ts'
import type { ResourceScope } from './scope.ts'
import { compileSelection } from './selection.ts'
import type { Selection } from './selection.ts'

/** How many entries are looked at per step while a selector fills a page. */
const scanStep = 1_000

interface ListPlan {
  prefix: string
  /** What to read: the prefix, or one key under it when the selection names it. */
  range: string
  /** Exact revision to read at; undefined for the newest. */
  revision: number | undefined
  after: string | undefined
  limit: number | undefined
}

/** Lists objects; resourceVersion, limit and continue as upstream documents them. */
export async function listObjects(scope: ResourceScope, query: ListQuery): Promise<ListPage> {
  requireVerb(scope, 'list')
  const selection = compileSelection(scope.definition, query)
  if (!scope.store.acceptsAhead) await scope.store.reach(askedVersion(query) ?? 0)
  const plan = planOf(scope, query, selection)
  try {
    const cost: ListCost = { fetched: 0, evaluated: 0, returned: 0 }
    const page = await runPlan(scope, plan, { selection, cost })
    cost.returned = page.entries.length
    scope.listed?.(scope.stored, cost)
    return page
  } catch (error) {
    if (error instanceof CompactedError) {
      throw plan.after === undefined
        ? expired(`The resourceVersion for the provided list is too old.`)
        : expiredContinue(plan.prefix, plan.after)
    }
    if (error instanceof FutureRevisionError)
      throw tooLargeResourceVersion(plan.revision ?? 0, scope.store.revision)
    throw storeFailure(error)
  }
}

/** How many objects there are, in all namespaces. */
export async function countObjects(scope: ResourceScope): Promise<number> {
  const { entries, remaining } = await scope.store.list(prefixOf(scope, undefined), { limit: 1 })
  return entries.length + remaining
}

function askedVersion({ resourceVersion }: ListQuery): number | undefined {
  return parseResourceVersion(resourceVersion, { isList: true })
}

function planOf(scope: ResourceScope, query: ListQuery, selection: Selection): ListPlan {
  checkListOptions(query)
  const prefix = prefixOf(scope, selection.namespace)
  const range = rangeOf(scope, prefix, selection)
  // What may be of any version is not given in pages, as upstream's cache gives it whole.
  const isPaged = query.limit !== undefined && query.limit > 0 && query.resourceVersion !== '0'
  const limit = isPaged ? query.limit : undefined
  const asked = askedVersion(query)
  if (query.continue) {
    const { revision, after } = decodeContinue(prefix, query.continue)
    if (asked) throw badRequest('specifying resource version is not allowed when using continue')
    return { prefix, range, revision: revision < 0 ? undefined : revision, after, limit }
  }
  const { revision: current } = scope.store
  if (asked !== undefined && asked > current) throw tooLargeResourceVersion(asked, current)
  const isExact =
    query.resourceVersionMatch === 'Exact' ||
    // Upstream's legacy rule: a limit with a version and no match reads at exactly that version.
    (!query.resourceVersionMatch && limit !== undefined && asked !== undefined && asked > 0)
  return { prefix, range, revision: isExact ? asked : undefined, after: undefined, limit }
}

/** How a list chooses, and what that has cost so far. */
interface Choice {
  selection: Selection
  cost: ListCost
}

async function runPlan(scope: ResourceScope, plan: ListPlan, choice: Choice): Promise<ListPage> {
  const { matches } = choice.selection
  const { limit, prefix } = plan
  if (!matches || limit === undefined) {
    const result = await scope.store.list(plan.range, optionsOf(plan, matches ? undefined : limit))
    const entries = matches ? result.entries.filter((entry) => matches(entry.object)) : result.entries
    choice.cost.fetched = result.entries.length
    choice.cost.evaluated = result.entries.length
    return pageOf(prefix, { ...result, entries }, !matches)
  }
  return fillPage(scope, { ...plan, limit }, choice)
}

/** Narrows to one key where a field selector names the object. */
export function rangeOf(scope: ResourceScope, prefix: string, selection: Selection): string {
  const { name, namespace } = selection
  const isNarrow = name !== undefined && (!scope.definition.namespaced || namespace !== undefined)
  return isNarrow ? prefix + name : prefix
}

function optionsOf(plan: ListPlan, limit: number | undefined): ListOptions {
  const options: ListOptions = {}
  if (plan.revision !== undefined) options.revision = plan.revision
  if (plan.after !== undefined) options.after = plan.after
  if (limit !== undefined) options.limit = limit
  return options
}

async function fillPage(
  scope: ResourceScope,
  plan: ListPlan & { limit: number },
  { selection: { matches }, cost }: Choice,
): Promise<ListPage> {
  const entries: Entry[] = []
  let { revision, after } = plan
  for (;;) {
    const step = Math.max(scanStep, plan.limit)
    const result = await scope.store.list(plan.range, optionsOf({ ...plan, revision, after }, step))
    revision = result.revision
    cost.fetched += result.entries.length
    for (const [index, entry] of result.entries.entries()) {
      cost.evaluated++
      if (matches && !matches(entry.object)) continue
      entries.push(entry)
      const hasMore = index < result.entries.length - 1 || result.next !== undefined
      if (entries.length === plan.limit && hasMore) {
        return pageOf(plan.prefix, { entries, revision, next: entry.key, remaining: 0 }, false)
      }
    }
    if (result.next === undefined) return pageOf(plan.prefix, { entries, revision, remaining: 0 }, false)
    after = result.next
  }
}

function pageOf(prefix: string, result: ListResult, countsRemaining: boolean): ListPage {
  const { entries, revision, next } = result
  const page: ListPage = { entries, resourceVersion: String(revision) }
  if (next === undefined) return page
  page.continue = encodeContinue(prefix, { revision, after: next })
  if (countsRemaining && result.remaining > 0) page.remainingItemCount = result.remaining
  return page
}
