import type { KubeObject } from '../../api/meta.ts'
import type { TokenIssuer } from '../../auth/tokens.ts'
import type { Registry, ResourceRegistry, WriteOptions } from '../../registry/registry.ts'
import type { ServedSubresource } from '../subresources.ts'

/** The creation of a subresource that the server serves itself. */
export interface OwnSubresource {
  registry: Registry
  tokenIssuer: TokenIssuer
  /** Of the object that it belongs to. */
  resource: ResourceRegistry
  ref: { namespace: string | undefined; name: string }
  served: ServedSubresource
  body: KubeObject
  options: WriteOptions
}

/** Reads the body as its kind, and asks admission about it; `check` between the two halves of that. */
export function admitOwn(
  { resource, ref, served, body, options }: OwnSubresource,
  check: (body: KubeObject) => void | Promise<void>,
): Promise<KubeObject> {
  const { name: subresource, kind } = served
  return resource.admitSubresource(ref, {
    operation: 'CREATE',
    subresource,
    object: body,
    kind,
    options,
    check,
  })
}
