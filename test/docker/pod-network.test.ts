import { describe, expect, it } from 'vitest'
import { makeService, makeSlice } from '../../core/network/service-fixtures.ts'
import { eventually } from '../harness/eventually.ts'
import { usePodNetwork } from './testing/use-pod-network.ts'

/** Pods are sandboxes with rules, as the kubelet makes them; what they run is started in the sandbox itself. */
describe('Services and DNS inside pods', () => {
  const under = usePodNetwork()
  const { services, slices, serviceCidrs, makePod, inPod, callTimes, udpConnections, inNetworkOf } = under

  it('balances connections to a cluster IP over its endpoints', async () => {
    services.put(makeService('web', { clusterIP: '10.96.0.20' }))
    slices.put(makeSlice('web', [under.one.ip, under.two.ip]))
    await eventually('both answer', async () => {
      const answers = (await inPod(under.client, callTimes(40, '10.96.0.20 80'))).split('\n')
      const ones = answers.filter((line) => line === 'one').length
      const twos = answers.filter((line) => line === 'two').length
      return ones + twos === 40 && ones > 5 && twos > 5
    })
  })

  it('lets a pod reach itself through its Service', async () => {
    services.put(makeService('self', { clusterIP: '10.96.0.21' }))
    slices.put(makeSlice('self', [under.one.ip]))
    await eventually('it answers itself', async () => {
      return (await inPod(under.one, callTimes(1, '10.96.0.21 80'))) === 'one'
    })
  })

  it('follows a change of endpoints', async () => {
    slices.put(makeSlice('web', [under.one.ip]))
    await eventually('only one answers', async () => {
      const answers = await inPod(under.client, callTimes(10, '10.96.0.20 80'))
      return answers === Array(10).fill('one').join('\n')
    })
  })

  it('refuses connections to a Service without endpoints, and to ports it does not have', async () => {
    slices.put(makeSlice('web', []))
    await eventually('refused', async () => {
      return (await inPod(under.client, callTimes(1, '10.96.0.20 80'))).includes('Connection refused')
    })
    expect(await inPod(under.client, callTimes(1, '10.96.0.21 81'))).toContain('Connection refused')
  })

  it('leads to Services with an address of a ServiceCIDR that was added, and refuses the others there', async () => {
    serviceCidrs.put({ metadata: { name: 'more' }, spec: { cidrs: ['10.201.0.0/24', '10.201.0.0/28'] } })
    services.put(makeService('added', { clusterIP: '10.201.0.5' }))
    slices.put(makeSlice('added', [under.one.ip]))
    await eventually('it answers', async () => {
      return (await inPod(under.client, callTimes(1, '10.201.0.5 80'))) === 'one'
    })
    expect(await inPod(under.client, callTimes(1, '10.201.0.6 80'))).toContain('Connection refused')
    expect(await inPod(under.client, callTimes(1, '10.96.0.21 81'))).toContain('Connection refused')
  })

  it('leaves what is not a Service alone', async () => {
    expect(await inPod(under.client, callTimes(1, `${under.two.ip} 8080`))).toBe('two')
  })

  it('keeps a pod at one endpoint with session affinity, until its time is over or the endpoint is gone', async () => {
    const timeoutSeconds = 5
    services.put(
      makeService('sticky', {
        clusterIP: '10.96.0.22',
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds } },
      }),
    )
    slices.put(makeSlice('sticky', [under.one.ip, under.two.ip]))
    const call = async (times = 1): Promise<string[]> => [
      ...new Set((await inPod(under.client, callTimes(times, '10.96.0.22 80'))).split('\n')),
    ]
    let [kept] = await eventually('it answers', async () => {
      const answers = await call()
      return /^(one|two)$/.test(answers.join()) ? answers : undefined
    })
    expect(await call(12)).toEqual([kept])

    const remembered = (): Promise<string> =>
      inNetworkOf(under.client, ['nft', 'list', 'map', 'ip', 'wheelhouse', 'affinity'])
    await eventually('it is remembered for that time', async () => {
      await call()
      return (await remembered()).includes(`. 80 timeout ${timeoutSeconds}s`)
    })
    // Each time it is forgotten the other one is drawn in one of two cases.
    await eventually(
      'the other answers',
      async () => {
        await eventually('forgotten', async () => !(await remembered()).includes('10.96.0.22'))
        return !(await call()).includes(kept!)
      },
      120_000,
    )

    ;[kept] = await call()
    const [left, stays] = kept === 'one' ? [under.one, under.two] : [under.two, under.one]
    slices.put(makeSlice('sticky', [stays.ip]))
    await eventually('a gone endpoint is left', async () => (await call(4)).join() === stays.name)
    slices.put(makeSlice('sticky', [stays.ip, left.ip]))
    expect(await call(12)).toEqual([stays.name])
  })

  it('gives a pod that starts later all rules before it runs', async () => {
    const late = await makePod('late')
    expect(await inPod(late, callTimes(1, '10.96.0.21 80'))).toBe('one')
  })

  it('reaches the API server at its cluster IP', async () => {
    expect(await inPod(under.client, callTimes(1, '10.96.0.1 443'))).toBe('api')
  })

  it('resolves names through the DNS Service by the search path, over UDP and TCP', async () => {
    expect(await inPod(under.client, 'cat /etc/resolv.conf')).toContain('nameserver 10.96.0.10')
    expect(await inPod(under.client, 'nslookup self.default.svc.cluster.local')).toContain(
      'Address: 10.96.0.21',
    )
    expect(await inPod(under.client, 'ping -c 1 -w 1 self 2>&1 | head -1')).toContain('self (10.96.0.21)')
    // A DNS question for self.default.svc.cluster.local with its length in front, as TCP has it.
    const query =
      '\\000\\060\\000\\001\\001\\000\\000\\001\\000\\000\\000\\000\\000\\000' +
      '\\004self\\007default\\003svc\\007cluster\\005local\\000\\000\\001\\000\\001'
    expect(await inPod(under.client, `printf '${query}' | nc -w 2 10.96.0.10 53 | tail -c 4 | xxd -p`)).toBe(
      '0a600015',
    )
  })

  it('forgets UDP connections to an endpoint that is gone', async () => {
    const port = { name: '', port: under.dns.address.port, protocol: 'UDP' }
    services.put(makeService('udp', { clusterIP: '10.96.0.23', ports: [{ port: 53, protocol: 'UDP' }] }))
    slices.put(makeSlice('udp', [under.dns.address.ip], [port]))
    await eventually('it answers', async () => {
      const answer = await inPod(under.client, 'nslookup self.default.svc.cluster.local 10.96.0.23')
      return answer.includes('Address: 10.96.0.21')
    })
    expect(await udpConnections()).toContain('dst=10.96.0.23')
    slices.put(makeSlice('udp', [under.one.ip], [port]))
    await eventually('forgotten', async () => !(await udpConnections()).includes('dst=10.96.0.23'))
  })
})
