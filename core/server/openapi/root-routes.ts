import { apiRoot } from '../../api/gvk.ts'
import { mediaTypes, type Route } from './route.ts'
import { metaSchemas } from './schema-names.ts'

const json = ['application/json']
const textAnswer = { 200: { type: 'string' } } as const

/** The route of a discovery document: of all versions, all groups, one group or one group version. */
function discoveryRoute(path: string, operation: string, schema: string, description: string): Route {
  return {
    method: 'get',
    path: `${path}/`,
    operation,
    description,
    parameters: [],
    consumes: mediaTypes,
    produces: mediaTypes,
    answers: { 200: { schema } },
  }
}

export function groupRoute(group: string): Route {
  return discoveryRoute(
    `/apis/${group}`,
    'getAPIGroup',
    metaSchemas.apiGroup,
    'Tells the versions of one group.',
  )
}

export function versionRoute(gv: { group: string; version: string }): Route {
  return discoveryRoute(
    apiRoot(gv),
    'getAPIResources',
    metaSchemas.apiResourceList,
    'Tells the resources of one version of a group.',
  )
}

function plainRoute(path: string, operation: string, parts: Partial<Route> = {}): Route {
  return { method: 'get', path, operation, parameters: [], answers: {}, ...parts }
}

/**
 * The routes of what is no object, by the document that they are in (upstream: pkg/server/routes and the discovery
 * handlers of apiserver's pkg/endpoints/discovery).
 */
export const rootRoutes: Readonly<Record<string, Route[]>> = {
  '.well-known/openid-configuration': [
    plainRoute('/.well-known/openid-configuration/', 'getServiceAccountIssuerOpenIDConfiguration', {
      description: "Tells who issues service accounts' tokens, as OpenID Connect's discovery does.",
      produces: json,
      answers: textAnswer,
    }),
  ],
  api: [
    discoveryRoute(
      '/api',
      'getAPIVersions',
      metaSchemas.apiVersions,
      'Tells the versions of the core group.',
    ),
  ],
  apis: [discoveryRoute('/apis', 'getAPIVersions', metaSchemas.apiGroupList, 'Tells the groups there are.')],
  'openid/v1/jwks': [
    plainRoute('/openid/v1/jwks/', 'getServiceAccountIssuerOpenIDKeyset', {
      description: "Tells the keys that service accounts' tokens are signed with.",
      produces: ['application/jwk-set+json'],
      answers: textAnswer,
    }),
  ],
  version: [
    plainRoute('/version/', 'getCodeVersion', {
      description: "Tells the server's version.",
      consumes: json,
      produces: json,
      answers: { 200: { schema: 'io.k8s.apimachinery.pkg.version.Info' } },
    }),
  ],
}
