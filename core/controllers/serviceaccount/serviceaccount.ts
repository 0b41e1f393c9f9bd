import { resources } from '../../api/resources.ts'
import { isAlreadyExists } from '../../api/status.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { isNamespaceTerminating } from '../kit/pod-control.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'

const accountName = 'default'

/** Keeps a ServiceAccount `default` in every active namespace (upstream: pkg/controller/serviceaccount). */
export function createServiceAccountController(dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies
  const accounts = informers.informer(resources.serviceAccounts)
  return defineController(dependencies, {
    name: 'serviceaccount',
    for: resources.namespaces,
    watches: [
      watchOf(resources.serviceAccounts, ({ type, object: { metadata } }) =>
        type === 'deleted' && metadata.name === accountName && metadata.namespace ? [metadata.namespace] : [],
      ),
    ],
    async reconcile({ object: namespace }) {
      if (!namespace || namespace.metadata.deletionTimestamp) return
      const { name } = namespace.metadata
      if (accounts.store.get(`${name}/${accountName}`)) return
      try {
        await client.create(resources.serviceAccounts, { metadata: { name: accountName, namespace: name } })
      } catch (error) {
        if (!isAlreadyExists(error) && !isNamespaceTerminating(error)) throw error
      }
    },
  })
}
