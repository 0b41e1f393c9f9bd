/** Who may import whom: docs/architecture.md has the same table in words. A file that no rule covers is an error. */
const mayImport = {
  api: [],
  util: [],
  cel: ['api', 'util'],
  client: ['api', 'util'],
  storage: ['api', 'util'],
  registry: ['api', 'util', 'storage', 'cel'],
  kinds: ['api', 'util', 'registry', 'cel'],
  admission: ['api', 'util', 'client', 'cel'],
  auth: ['api', 'util', 'client'],
  server: ['api', 'util', 'registry', 'kinds', 'auth', 'admission', 'cel'],
  controllers: ['api', 'util', 'client'],
  scheduler: ['api', 'util', 'client', 'cel'],
  kubelet: ['api', 'util', 'client'],
  network: ['api', 'util', 'client'],
  gateway: ['api', 'util', 'client'],
}
const layers = Object.entries(mayImport).map(([from, to]) => ({
  name: `core-${from}-layer`,
  severity: 'error',
  comment: `core/${from} may import: ${to.join(', ') || 'nothing'}`,
  // Tests and their support may wire any layers together.
  from: { path: `^core/${from}/`, pathNot: '\\.test\\.ts$|/testing/' },
  to: { path: '^core/', pathNot: `^core/(${[from, ...to].join('|')})/` },
}))
const covered = [...Object.keys(mayImport), 'cluster'].join('|')
const oneDoor = (name, module, home) => ({
  name: `one-door-${name}`,
  severity: 'error',
  comment: `${name} is imported only by ${home}`,
  from: { path: '^(core|electron|renderer)/', pathNot: `^${home}` },
  to: { path: module },
})

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'core-folder-without-layer',
      severity: 'error',
      comment: 'every folder of core needs an entry in the layer table',
      from: {},
      to: { path: '^core/', pathNot: `^core/(${covered})/` },
    },
    {
      name: 'core-file-without-layer',
      severity: 'error',
      from: { path: '^core/', pathNot: `^core/(${covered})/` },
      to: {},
    },
    {
      name: 'core-file-without-layer',
      severity: 'error',
      from: { orphan: true, path: '^core/', pathNot: `^core/(${covered})/` },
      to: {},
    },
    {
      name: 'core-is-host-free',
      severity: 'error',
      comment: 'core runs without Electron and without Vue',
      from: { path: '^core/' },
      to: {
        path: '(^|node_modules/)(electron|electron-store|vue|pinia|naive-ui)(/|$)|^electron/|^renderer/',
      },
    },
    {
      name: 'api-is-isomorphic',
      severity: 'error',
      from: { path: '^core/api/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'] },
    },
    {
      name: 'renderer-sees-only-api',
      severity: 'error',
      from: { path: '^renderer/', pathNot: '\\.test\\.ts$|vite\\.config\\.ts$' },
      to: { path: '^(core|electron)/', pathNot: '^core/api/|^electron/contract\\.ts$' },
    },
    {
      name: 'electron-sees-cluster-and-api',
      severity: 'error',
      from: { path: '^electron/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(core|renderer)/', pathNot: '^core/(api|cluster)/' },
    },
    oneDoor('dockerode', 'node_modules/dockerode', 'core/kubelet/docker/'),
    oneDoor('sqlite', '^node:sqlite$|^sqlite$', 'core/storage/sqlite/'),
    oneDoor('electron-store', 'node_modules/electron-store', 'electron/'),
    oneDoor('pino', 'node_modules/pino', 'core/util/logger.ts'),
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-to-test',
      severity: 'error',
      from: { path: '^(core|electron|renderer)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.vue', '.js', '.json'] },
  },
}
