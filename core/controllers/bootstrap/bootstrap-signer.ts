import { CompactSign } from 'jose'
import { bootstrapTokenType, usableBootstrapToken, type BootstrapToken } from '../../util/bootstrap-token.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'

const clusterInfo = 'kube-public/cluster-info'
const signaturePrefix = 'jws-kubeconfig-'

/**
 * Signs the kubeconfig in the ConfigMap cluster-info with every bootstrap token meant for it, so that whoever holds a
 * token can tell that the cluster's address and CA are genuine (upstream: pkg/controller/bootstrap/bootstrapsigner.go).
 */
export function createBootstrapSigner(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const secrets = informers.informer(resources.secrets)

  async function signatures(content: string): Promise<Record<string, string>> {
    const found: Record<string, string> = {}
    for (const object of secrets.store.list()) {
      const token = usableBootstrapToken(object, 'signing', clock.now())
      if (token) found[signaturePrefix + token.id] = await detachedSignature(content, token)
    }
    return found
  }

  return defineController(dependencies, {
    name: 'bootstrap-signer',
    for: resources.configMaps,
    workers: 1,
    filter: ({ object: { metadata } }) => `${metadata.namespace}/${metadata.name}` === clusterInfo,
    watches: [
      watchOf(resources.secrets, ({ object }) => (object.type === bootstrapTokenType ? [clusterInfo] : [])),
    ],
    async reconcile({ object }) {
      const content = object?.data?.['kubeconfig']
      if (!object || content === undefined) return
      const others = Object.entries(object.data ?? {}).filter(([key]) => !key.startsWith(signaturePrefix))
      const data = { ...Object.fromEntries(others), ...(await signatures(content)) }
      if (deepEqual(data, object.data)) return
      try {
        await client.update(resources.configMaps, { ...object, data })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    },
  })
}

/** A JWS by the token's secret whose content is left out (RFC 7515, Appendix F). */
async function detachedSignature(content: string, { id, secret }: BootstrapToken): Promise<string> {
  const whole = await new CompactSign(Buffer.from(content))
    .setProtectedHeader({ alg: 'HS256', kid: id })
    .sign(Buffer.from(secret))
  const [header, , signature] = whole.split('.')
  return `${header}..${signature}`
}
