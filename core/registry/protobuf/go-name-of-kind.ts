import { parseApiVersion } from '../../api/gvk.ts'
import type { ApiFacts } from '../schema/api-facts.ts'

const metaPackage = 'k8s.io/apimachinery/pkg/apis/meta/v1'

/** Packages that are not named after the first label of their group. */
const packages: Record<string, string> = {
  '': 'k8s.io/api/core',
  'apiextensions.k8s.io': 'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions',
  'apiregistration.k8s.io': 'k8s.io/kube-aggregator/pkg/apis/apiregistration',
  'metrics.k8s.io': 'k8s.io/metrics/pkg/apis/metrics',
  'internal.apiserver.k8s.io': 'k8s.io/api/apiserverinternal',
}

/** The Go struct of a kind, or undefined. Options such as DeleteOptions are known in every group, as upstream. */
export function goNameOfKind(facts: ApiFacts, apiVersion: string, kind: string): string | undefined {
  const { group, version } = parseApiVersion(apiVersion)
  const own = Object.hasOwn(packages, group) ? packages[group]! : `k8s.io/api/${group.split('.')[0]}`
  return [`${own}/${version}.${kind}`, `${metaPackage}.${kind}`].find(
    (name) => facts.goStruct(name) !== undefined,
  )
}
