import { isAbsolute } from 'node:path'
import { describe, expect, it } from 'vitest'
import { flagValues, parseCommand, usage } from './options.ts'
import { UsageError } from './usage-error.ts'

describe('parseCommand', () => {
  it('runs one Docker node under the default name without any flag', () => {
    const command = parseCommand([])
    expect(command).toMatchObject({
      command: 'run',
      options: {
        name: 'wheelhouse',
        apiPort: 0,
        uiPort: 0,
        nodes: 1,
        simulatedNodes: 0,
        runtime: 'docker',
        onExit: 'stop',
      },
    })
    expect(command.command === 'run' && isAbsolute(command.options.dataDirectory)).toBe(true)
  })

  it('reads every flag', () => {
    const argv =
      '--name dev --data-dir /tmp/x --api-port 6443 --ui-port 8080 --nodes 3 --simulated-nodes 20 --runtime simulated --on-exit keep'
    expect(parseCommand([...argv.split(' '), '--merge-kubeconfig'])).toEqual({
      command: 'run',
      options: {
        name: 'dev',
        dataDirectory: '/tmp/x',
        apiPort: 6443,
        uiPort: 8080,
        nodes: 3,
        simulatedNodes: 20,
        runtime: 'simulated',
        onExit: 'keep',
        mergeKubeconfig: true,
        loadBalancer: 'localhost',
        ingress: 'builtin',
        logLevel: 'info',
      },
    })
  })

  it('tells of every flag what it is', () => {
    const argv = ['--name', 'dev', '--data-dir', '/tmp/x', '--nodes', '3', '--merge-kubeconfig']
    const claims = ['--oidc-required-claim', 'a=b', '--oidc-required-claim', 'c=d', '--eviction-hard', '']
    const command = parseCommand(argv)
    const told = command.command === 'run' ? flagValues([...argv, ...claims], command.options) : {}
    expect(told).toMatchObject({
      name: 'dev',
      'data-dir': '/tmp/x',
      nodes: '3',
      'api-port': '0',
      'merge-kubeconfig': 'true',
      runtime: 'docker',
      'oidc-required-claim': 'a=b,c=d',
      'audit-log-path': '',
      help: 'false',
    })
    const documented = [...usage.matchAll(/--([a-z][-a-z]+)/g)].map(([, name]) => name!)
    expect(documented.filter((name) => !Object.hasOwn(told, name))).toEqual([])
  })

  it.each([
    [['--nodes', '-1'], '--nodes'],
    [['--nodes', '251'], '--nodes "251": must be a whole number from 0 to 250'],
    [['--store', 'etcd://'], '--store "etcd://": must be sqlite or etcd://HOST:PORT[,HOST:PORT...]'],
    [['--history-age', 'a day'], '--history-age "a day": must be a duration such as 1m30s'],
    [['--store', 'etcd://h'], '--store "etcd://h": must be'],
    [['--etcd-cafile', '/none/ca'], '--etcd-cafile "/none/ca": ENOENT'],
    [['--oidc-client-id', 'x'], 'URL scheme must be https'],
    [['--oidc-issuer-url', 'https://x'], 'oidc-issuer-url and oidc-client-id must be specified together'],
    [
      ['--oidc-issuer-url', 'https://x', '--oidc-client-id', 'a', '--oidc-required-claim', 'b'],
      '--oidc-required-claim "b": must be KEY=VALUE',
    ],
    [['--runtime', 'podman'], '--runtime "podman": must be one of docker, simulated'],
    [['--name', 'Bad Name'], '--name "Bad Name": lower-case letters'],
    [['--what'], "Unknown option '--what'"],
    [['--audit-log-path', 'x'], '--audit-policy-file and --audit-log-path go together'],
    [['frobnicate'], 'unknown command "frobnicate"'],
    [['node', 'stop'], 'usage: npm run cluster -- node stop|start NAME'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseCommand(argv)).toThrow(UsageError)
    expect(() => parseCommand(argv)).toThrow(message)
  })

  it('reads where to audit to', () => {
    const argv = '--audit-policy-file /p.yaml --audit-log-path - --audit-log-maxbackup 3'.split(' ')
    expect(parseCommand(argv)).toMatchObject({
      options: { audit: { policyFile: '/p.yaml', logPath: '-', maxSizeMegabytes: 100, maxBackups: 3 } },
    })
  })

  it('reads etcd and OIDC flags', () => {
    const argv =
      '--store etcd://a:2379,b:2379 --etcd-prefix /x --oidc-issuer-url https://i --oidc-client-id k --oidc-required-claim a=b=c --oidc-required-claim d=e --oidc-username-prefix - --oidc-signing-algs RS256,ES256'
    expect(parseCommand(argv.split(' '))).toMatchObject({
      options: {
        etcd: { endpoints: ['a:2379', 'b:2379'], prefix: '/x' },
        oidc: {
          issuerUrl: 'https://i',
          clientId: 'k',
          usernameClaim: 'sub',
          usernamePrefix: '-',
          requiredClaims: { a: 'b=c', d: 'e' },
          signingAlgorithms: ['RS256', 'ES256'],
        },
      },
    })
  })

  it('reads how long history is kept', () => {
    expect(parseCommand(['--history-age', '5m'])).toMatchObject({ options: { historyAgeMs: 300_000 } })
  })

  it('restores no state that is in etcd', () => {
    const argv = ['restore', 'file.backup', '--store', 'etcd://a:2379']
    expect(() => parseCommand(argv)).toThrow('where --store is etcd, restore that')
  })

  it('takes node and delete commands with flags on either side', () => {
    expect(parseCommand(['node', 'stop', 'dev-node-1', '--name', 'dev'])).toMatchObject({
      command: 'node',
      action: 'stop',
      node: 'dev-node-1',
      options: { name: 'dev' },
    })
    expect(parseCommand(['--name', 'dev', 'delete'])).toMatchObject({
      command: 'delete',
      options: { name: 'dev' },
    })
  })
})
