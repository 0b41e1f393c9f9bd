import type { Exchange } from '../exchange.ts'
import type { MetricLabels } from '../../util/metrics/metric-registry.ts'

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
/** What follows the value of `as` in a patch's content type. */
const applyTypes = /^application\/apply-patch\+/

/** The `verb` label: methods, but for what is a LIST, WATCH, APPLY or CONNECT (upstream: endpoints/metrics CleanVerb). */
function verbOf(exchange: Exchange, scope: string): string {
  const { info, method } = exchange
  if (info.isResourceRequest) {
    if (info.verb === 'watch') return 'WATCH'
    if (['log', 'exec', 'portforward', 'attach', 'proxy'].includes(info.subresource)) return 'CONNECT'
  }
  if (method === 'GET' || method === 'HEAD') return scope === 'resource' || scope === '' ? 'GET' : 'LIST'
  if (method === 'PATCH' && applyTypes.test(exchange.header('content-type') ?? '')) return 'APPLY'
  return methods.has(method) ? method : 'other'
}

function dryRunOf(exchange: Exchange): string {
  if (!exchange.query.has('dryRun')) return ''
  return exchange.query.getAll('dryRun').every((value) => value === 'All') ? 'All' : 'invalid'
}

/**
 * The labels of a request's series, in upstream's order. Resources that nothing serves are not named, so that strangers
 * cannot grow the number of series.
 */
export function labelsOf(exchange: Exchange): MetricLabels & { dry_run: string } {
  const { info, isServed } = exchange
  const isOne = info.name !== '' || info.verb === 'create'
  const scope = !isServed ? '' : isOne ? 'resource' : info.namespace ? 'namespace' : 'cluster'
  return {
    component: 'apiserver',
    dry_run: dryRunOf(exchange),
    group: isServed ? info.apiGroup : '',
    resource: isServed ? info.resource : '',
    scope,
    subresource: isServed ? info.subresource : '',
    verb: verbOf(exchange, scope),
    version: isServed ? info.apiVersion : '',
  }
}
