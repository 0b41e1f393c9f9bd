import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientBinary, kubectlFor, kubectlVersions, run } from '../harness/clients.ts'
import { disposeCluster, nodesReady, startCluster, type RunningCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'

const fixtures = join(import.meta.dirname, '../fixtures')
let cluster: RunningCluster

beforeAll(async () => {
  cluster = await startCluster({ args: ['--runtime', 'simulated', '--name', 'clients'] })
  await nodesReady(kubectlFor(cluster.kubeconfig))
})
afterAll(async () => {
  if (cluster) await disposeCluster(cluster)
})

describe.each(kubectlVersions)('kubectl 1.%s', (version) => {
  const namespace = `k${version}`
  const kubectl = (args: string[], options?: Parameters<ReturnType<typeof kubectlFor>>[1]): Promise<string> =>
    kubectlFor(cluster.kubeconfig, version)(['-n', namespace, ...args], options)

  it('discovers, explains and creates', async () => {
    await kubectl(['create', 'namespace', namespace])
    expect(await kubectl(['api-resources'])).toMatch(/deployments\s+deploy\s+apps\/v1\s+true\s+Deployment/)
    expect(await kubectl(['explain', 'pod.spec.containers.image'])).toMatch(/image/i)
    const info = await kubectl(['cluster-info', '-n', 'kube-system'])
    // The older ones print it in colours.
    expect(info).toContain('Kubernetes control plane')
    expect(info).toContain(`${cluster.api}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy`)
    const tree = await kubectl(['explain', 'deployment', '--recursive'])
    expect(tree).toMatch(/progressDeadlineSeconds\s+<integer>/)
    expect(tree).toMatch(/terminationGracePeriodSeconds\s+<integer>/)
    await kubectl(['create', 'configmap', 'settings', '--from-literal=colour=blue'])
    await kubectl(['create', 'secret', 'generic', 'hidden', '--from-literal=key=value'])
    await kubectl(['create', 'serviceaccount', 'robot'])
    expect(await kubectl(['get', 'secret', 'hidden', '-o', 'jsonpath={.data.key}'])).toBe('dmFsdWU=')
    await expect(kubectl(['create', 'configmap', 'settings'])).rejects.toThrow(
      'configmaps "settings" already exists',
    )
  })

  it('applies, shows the difference, and applies again', async () => {
    const manifest = join(fixtures, 'seeds/nginx.yaml')
    expect(await kubectl(['apply', '-f', manifest])).toContain('deployment.apps/nginx created')
    expect(await kubectl(['apply', '-f', manifest])).toContain('deployment.apps/nginx unchanged')
    await kubectl(['rollout', 'status', 'deployment/nginx', '--timeout=120s'])
    await kubectl(['scale', 'deployment/nginx', '--replicas=5'])
    const diff = await run(clientBinary('kubectl', version), [
      '--kubeconfig',
      cluster.kubeconfig,
      '-n',
      namespace,
      'diff',
      '-f',
      manifest,
    ])
    expect(diff.code).toBe(1)
    expect(diff.stdout).toMatch(/-\s+replicas: 5\n\+\s+replicas: 3/)
    await kubectl(['apply', '--server-side', '--force-conflicts', '-f', manifest])
    expect(await kubectl(['get', 'deployment', 'nginx', '-o', 'jsonpath={.spec.replicas}'])).toBe('3')
  })

  it('prints in every format', async () => {
    const get = (...args: string[]): Promise<string> => kubectl(['get', 'deployment', 'nginx', ...args])
    expect(await get('-o', 'wide')).toMatch(/CONTAINERS\s+IMAGES\s+SELECTOR\n.*nginx\s+nginx:\S+\s+app=nginx/)
    expect(JSON.parse(await get('-o', 'json'))).toMatchObject({ kind: 'Deployment', spec: { replicas: 3 } })
    expect(await get('-o', 'yaml')).toMatch(/^apiVersion: apps\/v1\nkind: Deployment\nmetadata:/)
    expect(await get('-o', 'yaml')).not.toContain('managedFields')
    expect(await get('-o', 'yaml', '--show-managed-fields')).toContain('manager: kubectl')
    expect(await get('-o', 'jsonpath={.spec.template.spec.containers[*].name}')).toBe('nginx')
    const columns = 'custom-columns=NAME:.metadata.name,WANTED:.spec.replicas'
    expect(await get('-o', columns)).toMatch(/^NAME\s+WANTED\nnginx\s+3\n$/)
    expect(await get('--show-labels')).toMatch(/LABELS/)
    expect(await kubectl(['get', 'all'])).toMatch(
      /pod\/nginx-.*service\/nginx.*deployment.apps\/nginx.*replicaset.apps\/nginx-/s,
    )
    const sorted = await kubectl(['get', 'pods', '--sort-by=.metadata.name', '-o', 'name', '--chunk-size=1'])
    // kubectl sorts names as people do (sortorder.NaturalLess): 7kbz5 comes before 65kvb.
    const natural = new Intl.Collator('en', { numeric: true })
    expect(sorted.trim().split('\n')).toEqual(sorted.trim().split('\n').toSorted(natural.compare))
    expect(await kubectl(['get', 'events', '--field-selector', 'involvedObject.kind=Pod'])).toContain(
      'Scheduled',
    )
  })

  it('asks what one may do, and gets tokens that say who one is', async () => {
    expect(await kubectl(['auth', 'can-i', 'create', 'pods'])).toBe('yes\n')
    const robot = `system:serviceaccount:${namespace}:robot`
    await expect(kubectl(['auth', 'can-i', 'list', 'secrets', '--as', robot])).rejects.toThrow('no')
    await kubectl(['create', 'role', 'reader', '--verb=get,list', '--resource=secrets'])
    await kubectl([
      'create',
      'rolebinding',
      'robot-reads',
      '--role=reader',
      `--serviceaccount=${namespace}:robot`,
    ])
    await eventually('the binding counts', async () =>
      (await kubectl(['auth', 'can-i', 'list', 'secrets', '--as', robot])).startsWith('yes'),
    )
    expect(await kubectl(['auth', 'can-i', '--list', '--as', robot])).toMatch(
      /secrets\s+\[\]\s+\[\]\s+\[get list\]/,
    )
    const token = (await kubectl(['create', 'token', 'robot', '--duration=1h'])).trim()
    const asRobot = [
      '--token',
      token,
      '--server',
      cluster.api,
      '--insecure-skip-tls-verify',
      '--kubeconfig=/dev/null',
    ]
    const direct = (...args: string[]) =>
      run(clientBinary('kubectl', version), [...asRobot, '-n', namespace, ...args])
    expect((await direct('get', 'secret', 'hidden', '-o', 'name')).stdout).toBe('secret/hidden\n')
    expect((await direct('get', 'pods')).stderr).toContain(
      `pods is forbidden: User "${robot}" cannot list resource "pods" in API group "" in the namespace "${namespace}"`,
    )
  })

  it('cordons, taints, drains and uncordons a node', async () => {
    const node = (await kubectl(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}'])).trim()
    await kubectl(['cordon', node])
    expect(await kubectl(['get', 'node', node])).toContain('Ready,SchedulingDisabled')
    const drained = await kubectl(['drain', node, '--pod-selector=app=nginx', '--timeout=120s'])
    expect(drained).toMatch(/evicting pod|pod\/nginx-\S+ evicted/)
    await kubectl(['uncordon', node])
    await kubectl(['rollout', 'status', 'deployment/nginx', '--timeout=120s'])
    await kubectl(['taint', 'node', node, 'team=blue:NoSchedule'])
    expect(await kubectl(['describe', 'node', node])).toContain('team=blue:NoSchedule')
    await kubectl(['taint', 'node', node, 'team-'])
    await kubectl(['label', 'node', node, 'disk=fast'])
    await kubectl(['label', 'node', node, 'disk-'])
  })

  it('moves from client-side to server-side apply without losing what the server added', async () => {
    const claim = (storage: string, label: string): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'moved', labels: { [label]: 'yes' } },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
      })
    await kubectl(['apply', '-f', '-'], { stdin: claim('1Gi', 'first') })
    const finalizers = 'jsonpath={.metadata.finalizers}'
    const before = await kubectl(['get', 'pvc', 'moved', '-o', finalizers])
    expect(before).toContain('kubernetes.io/pvc-protection')
    await kubectl(['apply', '--server-side', '-f', '-'], { stdin: claim('1Gi', 'second') })
    expect(await kubectl(['get', 'pvc', 'moved', '-o', finalizers])).toBe(before)
    const labels = await kubectl(['get', 'pvc', 'moved', '-o', 'jsonpath={.metadata.labels}'])
    expect(JSON.parse(labels)).toEqual({ second: 'yes' })
    await kubectl(['delete', 'pvc', 'moved', '--timeout=120s'])
  })

  it('labels, annotates, patches in every format, edits and replaces', async () => {
    await kubectl(['label', 'configmap', 'settings', 'team=blue'])
    await kubectl(['annotate', 'configmap', 'settings', 'note=first'])
    await kubectl(['patch', 'configmap', 'settings', '-p', '{"data":{"a":"1"}}'])
    await kubectl(['patch', 'configmap', 'settings', '--type=merge', '-p', '{"data":{"b":"2"}}'])
    const operations = '[{"op":"add","path":"/data/c","value":"3"}]'
    await kubectl(['patch', 'configmap', 'settings', '--type=json', '-p', operations])
    await kubectl(['edit', 'configmap', 'settings'], { env: { EDITOR: 'sed -i s/blue/green/' } })
    const data = JSON.parse(
      await kubectl(['get', 'configmap', 'settings', '-o', 'jsonpath={.data}']),
    ) as unknown
    expect(data).toEqual({ a: '1', b: '2', c: '3', colour: 'green' })
    const stored = await kubectl(['get', 'configmap', 'settings', '-o', 'json'])
    await kubectl(['replace', '-f', '-'], { stdin: stored.replace('"green"', '"red"') })
    expect(await kubectl(['get', 'configmaps', '-l', 'team=green', '-o', 'name'])).toBe(
      'configmap/settings\n',
    )
  })

  it('refuses what is wrong with the path of the field', async () => {
    const bad = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'Bad_Name' },
      spec: { ports: [{ port: 70000 }] },
    }
    await expect(kubectl(['create', '-f', '-'], { stdin: JSON.stringify(bad) })).rejects.toThrow(
      /metadata\.name: Invalid value: "Bad_Name".*spec\.ports\[0\]\.port: Invalid value: 70000/s,
    )
    const unknown = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, dta: {} }
    await expect(kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(unknown) })).rejects.toThrow(
      'unknown field "dta"',
    )
  })

  it('watches, waits and deletes', async () => {
    const watch = spawn(clientBinary('kubectl', version), [
      '--kubeconfig',
      cluster.kubeconfig,
      '-n',
      namespace,
      'get',
      'configmaps',
      '-w',
    ])
    let seen = ''
    watch.stdout.setEncoding('utf8').on('data', (chunk: string) => (seen += chunk))
    try {
      await eventually('the watch shows what is there', () => /settings/.test(seen))
      await kubectl(['create', 'configmap', 'later'])
      await eventually('the watch shows what comes', () => /later\s+0/.test(seen))
    } finally {
      watch.kill()
    }
    await kubectl(['wait', 'deployment/nginx', '--for=condition=Available', '--timeout=120s'])
    await kubectl(['delete', 'deployment', 'nginx', '--timeout=120s'])
    await kubectl(['wait', 'pods', '-l', 'app=nginx', '--for=delete', '--timeout=120s'])
    await kubectl(['delete', 'namespace', namespace, '--timeout=120s'])
    await expect(kubectl(['get', 'namespace', namespace])).rejects.toThrow('not found')
  })
})
