import type { CallOptions } from './test-server.ts'

const json = { 'content-type': 'application/json' }

const yaml = { 'content-type': 'application/yaml' }

const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' }

const aliases = Array.from({ length: 12 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at}, `.repeat(9)}]`)

const jsonBodies = [
  ...[
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '17',
    '[1,',
    '{"a":}',
    '\u0000',
    '{"metadata":[]}',
    '{"metadata":{"name":{}}}',
  ],
  '['.repeat(100_000),
  '{"a":'.repeat(20_000),
  '{"metadata":{"name":"a","generation":1e400,"resourceVersion":"99999999999999999999"},"spec":{"replicas":1e99}}',
  `{"metadata":{"name":"a"},"spec":${'9'.repeat(50_000)}}`,
  '{"__proto__":{"polluted":true},"metadata":{"name":"a"}}',
  '{"constructor":{"prototype":{"polluted":true}},"metadata":{"name":"a"}}',
  '{"metadata":{"name":"a","labels":{"__proto__":"x"},"annotations":{"constructor":"y"}}}',
  '{"metadata":{"name":"a","name":"b"},"metadata":{"name":"c"},"kind":"X","kind":"Y"}',
  '{"metadata":{"name":"../../etc"}}',
  '{"metadata":{"name":"a/b","namespace":"..","finalizers":[null],"ownerReferences":[null,{}]}}',
].map((body): CallOptions => ({ body, headers: json }))

/** What no body of a request should be, by content type. */
export const bodies: CallOptions[] = [
  ...jsonBodies,
  { body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), headers: json },
  { body: `a0: &a0 [lol]\n${aliases.join('\n')}\n`, headers: yaml },
  { body: 'a: &a\n  b: *a\n', headers: yaml },
  { body: '!!js/function "x": 1\n--- \n...\n--- {', headers: yaml },
  { body: `${'- '.repeat(5_000)}x`, headers: yaml },
  { body: 'metadata: {name: a, __proto__: {polluted: true}}', headers: yaml },
  { body: Buffer.from('k8s\0'), headers: protobuf },
  { body: Buffer.from('no protobuf at all'), headers: protobuf },
  { body: Buffer.concat([Buffer.from('k8s\0'), Buffer.alloc(64, 0xff)]), headers: protobuf },
  {
    body: Buffer.concat([Buffer.from('k8s\0'), Buffer.from([0x12, 0xff, 0xff, 0xff, 0xff, 0x07])]),
    headers: protobuf,
  },
  { body: 'x', headers: { 'content-type': 'text/html' } },
]

/** The headers of each kind of patch. */
export const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
].map((type) => ({ 'content-type': type }))

/** That of server-side apply. */
export const apply = patchTypes.at(-1)

/** What no patch should be. */
export const patches = [
  ...[
    'null',
    '[]',
    '[null]',
    '[{}]',
    '[{"op":"add"}]',
    '[{"op":"move","from":"","path":"/a"}]',
    '{"$patch":"x"}',
  ],
  '[{"op":"add","path":"/__proto__/polluted","value":true}]',
  '[{"op":"test","path":"/metadata/labels/~2","value":1}]',
  '[{"op":"replace","path":"","value":null}]',
  '[{"op":"replace","path":"/metadata","value":null}]',
  '{"metadata":null}',
  '{"metadata":"x","spec":[]}',
  '{"metadata":{"managedFields":[{"fieldsV1":7,"operation":"Odd"}]}}',
  '{"metadata":{"$retainKeys":7,"labels":{"$patch":"replace"}}}',
  '{"spec":{"$setElementOrder/containers":"x","containers":[{"$patch":"merge"}]}}',
  '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"managedFields":[{}]}}',
]

const nothing = 'a'.repeat(50_000)

/** What no query should be. */
export const queries = [
  `labelSelector=${nothing}!`,
  `labelSelector=${encodeURIComponent('a in (' + 'b,'.repeat(20_000))}`,
  'labelSelector=%3D%3D%3D',
  'labelSelector=__proto__%3Dx',
  `labelSelector=${encodeURIComponent(`${'a.'.repeat(20_000)}/x=y`)}`,
  `fieldSelector=${encodeURIComponent(`${'\\'.repeat(20_000)},`)}`,
  'fieldSelector=__proto__%3Dx',
  'fieldSelector=metadata.name%3D..%2F..',
  'limit=-1',
  'limit=1e9',
  'limit=99999999999999999999',
  'continue=%00%ff',
  `continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":-5,"start":"\u0000"}').toString('base64url')}`,
  'resourceVersion=-1',
  'resourceVersion=abc&resourceVersionMatch=Odd',
  'resourceVersionMatch=Exact&resourceVersion=0',
  'sendInitialEvents=maybe',
  'watch=1&timeoutSeconds=x',
  'watch=1&resourceVersionMatch=Exact&timeoutSeconds=1',
  'pretty=%00&dryRun=Odd',
  'includeObject=__proto__',
]

/** What no path should be. */
export const paths = [
  '/api/v1/namespaces/%2e%2e/pods',
  '/api/v1/namespaces/default/pods/%2e%2e%2f%2e%2e',
  '/api/v1/namespaces/default/pods/%00',
  '/api/v1/namespaces/default/pods/%zz',
  '/api/v1/namespaces/default/__proto__/constructor',
  '/api/v1/namespaces/default/pods/x/__proto__',
  '/apis/__proto__/v1/constructor',
  '/apis/constructor/prototype/x/y/z',
  '/api/v1/watch',
  '/api/v1/proxy/x',
  `/api/v1/namespaces/default/pods/${'a'.repeat(6_000)}`,
  '//api//v1//namespaces',
  '/api/v1/namespaces/default/pods/a/b/c/d/e/f',
  '/openapi/v3/../../etc/passwd',
  '/openapi/v3/apis/__proto__/v1',
]

/** The query that a trial of this kind of patch needs. */
export function patchQuery(type: (typeof patchTypes)[number]): string {
  return type === apply ? 'dryRun=All&fieldManager=x' : 'dryRun=All'
}

interface Mutation {
  at: number
  member: number
  value: unknown
  adds: boolean
}

/** Puts an odd value somewhere into the object: in place of something, or as a field that its type has. */
export function mutate(object: object, { at, member, value, adds }: Mutation): void {
  const places: Record<string, unknown>[] = []
  const collect = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    places.push(part as Record<string, unknown>)
    for (const child of Object.values(part)) collect(child)
  }
  collect(object)
  const place = places[at % places.length]!
  const names = adds ? commonFields : Object.keys(place)
  const name = names[member % Math.max(1, names.length)]
  // The same value may come several times, which must not make a circle of it.
  if (name !== undefined) place[name] = structuredClone(value)
}

/** Fields of many types, so that some fit where they are put. */
const commonFields = (
  'spec status metadata labels annotations finalizers ownerReferences name namespace containers initContainers volumes ' +
  'env envFrom ports resources limits requests affinity tolerations topologySpreadConstraints securityContext selector ' +
  'matchLabels matchExpressions template replicas strategy rollingUpdate rules subjects roleRef data stringData type ' +
  'clusterIP clusterIPs ipFamilies ports targetPort protocol livenessProbe lifecycle configMap secret projected sources ' +
  'metrics behavior scaleTargetRef parallelism completions podFailurePolicy successPolicy schedule jobTemplate ingress ' +
  'egress podSelector from to tls hosts http paths backend endpoints addresses addressType taints podCIDR conditions ' +
  'accessModes capacity hostPath claimRef nodeAffinity storageClassName dataSource webhooks validations variables ' +
  'matchConstraints paramKind versions schema names group scope conversion subsets series regarding involvedObject ' +
  'request usages signerName devices constraints config scheduling overhead drivers limits hard scopes scopeSelector'
).split(' ')
