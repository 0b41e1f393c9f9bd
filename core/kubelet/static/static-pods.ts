import type { Pod } from '../../api/generated/core-v1.ts'
import { rfc3339 } from '../../util/clock.ts'
import type { Clock } from '../../util/clock.ts'
import { millisecondsOf } from '../../util/go-duration.ts'
import type { Logger } from '../../util/logger.ts'
import type { KubeletApi } from '../kubelet-api.ts'
import type { EventSink } from '../pods/pod-events.ts'
import type { PodHandler, PodSource } from '../pods/pod-source.ts'
import { followManifests } from './manifest-directory.ts'
import type { Manifests } from './manifest-directory.ts'
import { createMirrors } from './mirrors.ts'
import { isStaticPod, mirroredHash, staticPod } from './static-pod.ts'

export interface StaticPodOptions {
  /** One manifest of a pod in each file. */
  directory: string
  /** A pod with its defaults from the text of a manifest. Throws an error that says what is wrong. */
  decode: (text: string) => Pod
}

/** The pods of a node from two sources: those of the API server, and static ones from files of the node. */
export interface StaticPods {
  /** The pods of both sources; mirrors are kept out of it. */
  readonly source: PodSource
  /** The API with static pods' statuses and deletions brought to their mirrors. */
  readonly api: KubeletApi
  /** Whether this uid of the API server stands for the static pod. */
  isMirrorOf(uid: string, pod: Pod): boolean
}

interface StaticPodsOptions extends StaticPodOptions {
  nodeName: string
  api: KubeletApi
  pods: PodSource
  events: EventSink
  clock: Clock
  log: Logger
  /** Called when the status of a static pod has to be told from the beginning: its mirror is new. */
  onNewMirror: (uid: string) => void
}

const defaultGraceSeconds = 30

function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`
}

/** Static pods beside the pods of the API server. */
export function createStaticPods(options: StaticPodsOptions): StaticPods {
  const { nodeName, clock, log } = options
  /** By file name. */
  const running = new Map<string, Pod>()
  const told = new Map<string, string>()
  /** Uid of the pod of a name that was told to end and has not yet. */
  const ending = new Map<string, string>()
  /** The pod that takes its place then: two of a name never run at once (upstream: pod_workers.go allowStaticPodStart). */
  const waiting = new Map<string, Pod>()
  const starts = new Set<Disposable>()
  const mirrors = createMirrors(options)
  let handler: PodHandler | undefined

  function apply({ pods, problems }: Manifests): void {
    for (const [file, pod] of running) {
      const wanted = pods.get(file)
      if (wanted && made(file, wanted).metadata.uid === pod.metadata.uid) pods.delete(file)
      else end(file, pod)
    }
    for (const [file, manifest] of pods) begin(file, made(file, manifest))
    for (const [file, problem] of problems) tellProblem(file, problem)
    for (const file of told.keys()) if (!problems.has(file)) told.delete(file)
  }

  function made(file: string, manifest: Pod): Pod {
    return staticPod(manifest, { nodeName, path: file, seenAt: rfc3339(clock.now()) })
  }

  function begin(file: string, pod: Pod): void {
    running.set(file, pod)
    if (ending.has(nameOf(pod))) waiting.set(nameOf(pod), pod)
    else startNow(pod)
  }

  function startNow(pod: Pod): void {
    mirrors.want(pod)
    // What was told of it in an earlier life of the kubelet is carried on with.
    handler?.onPod({ ...pod, status: mirrors.statusOf(pod) ?? pod.status ?? {} })
  }

  /** As if it had been deleted at the API server: its processes get their time. */
  function end(file: string, pod: Pod): void {
    running.delete(file)
    const name = nameOf(pod)
    if (waiting.get(name)?.metadata.uid === pod.metadata.uid && waiting.delete(name)) return
    ending.set(name, pod.metadata.uid ?? '')
    const grace = pod.spec.terminationGracePeriodSeconds ?? defaultGraceSeconds
    const metadata = {
      ...pod.metadata,
      deletionTimestamp: rfc3339(clock.now() + millisecondsOf(grace)),
      deletionGracePeriodSeconds: grace,
    }
    handler?.onPod({ ...pod, metadata })
  }

  /** The pod has ended: what waits for its name begins, once nothing is left of it in the kubelet's books either. */
  function ended(pod: Pod): void {
    const name = nameOf(pod)
    if (ending.get(name) !== pod.metadata.uid) return
    ending.delete(name)
    const next = waiting.get(name)
    if (!next) return
    waiting.delete(name)
    const start = clock.after(0, () => {
      starts.delete(start)
      startNow(next)
    })
    starts.add(start)
  }

  function tellProblem(file: string, problem: string): void {
    if (told.get(file) === problem) return
    told.set(file, problem)
    log.error('the manifest of a static pod cannot be used', { file, problem })
    options.events.record(
      { kind: 'Node', apiVersion: 'v1', name: nodeName, uid: nodeName },
      {
        type: 'Warning',
        reason: 'InvalidStaticPod',
        message: `Could not process manifest file ${file}: ${problem}`,
      },
    )
  }

  return {
    isMirrorOf: (uid, pod) => mirrors.uidOf(pod) === uid,
    source: {
      async start(next) {
        handler = next
        const api = await options.pods.start({
          onPod: (pod) => (mirroredHash(pod) === undefined ? next.onPod(pod) : mirrors.seen(pod)),
          onRemoved: (pod) => (mirroredHash(pod) === undefined ? next.onRemoved(pod) : mirrors.gone(pod)),
        })
        const files = await followManifests({ ...options, onChange: apply })
        mirrors.removeStale()
        return {
          [Symbol.dispose]() {
            files[Symbol.dispose]()
            for (const start of starts) start[Symbol.dispose]()
            api[Symbol.dispose]()
            mirrors[Symbol.dispose]()
          },
        }
      },
    },
    api: {
      ...options.api,
      async patchPodStatus(pod, status) {
        const mirror = mirrors.target(pod)
        if (mirror === 'none') return true
        return options.api.patchPodStatus(mirror ?? pod, status)
      },
      async deletePod(pod) {
        if (!isStaticPod(pod)) return options.api.deletePod(pod)
        await mirrors.unwant(pod)
        handler?.onRemoved(pod)
        ended(pod)
      },
    },
  }
}
