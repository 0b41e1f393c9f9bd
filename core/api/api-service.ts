import type { ObjectMeta } from './meta.ts'

/** One condition of an APIService; the only type is `Available`. */
export interface APIServiceCondition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  /** RFC 3339. */
  lastTransitionTime?: string
  reason?: string
  message?: string
}

/** Who serves one version of a group (apiregistration.k8s.io/v1; kube-aggregator/pkg/apis/apiregistration/v1/types.go). */
export interface APIService {
  apiVersion?: string
  kind?: string
  metadata: ObjectMeta
  spec: {
    /** The Service in front of an extension API server; without it the group version is served here. */
    service?: { namespace?: string; name?: string; port?: number }
    group?: string
    version?: string
    insecureSkipTLSVerify?: boolean
    /** PEM in base64. */
    caBundle?: string
    groupPriorityMinimum: number
    versionPriority: number
  }
  status?: { conditions?: APIServiceCondition[] }
}
