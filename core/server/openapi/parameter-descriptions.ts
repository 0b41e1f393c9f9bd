const common: Record<string, string> = {
  allowWatchBookmarks:
    'Whether a watch may send bookmarks: events that tell nothing but how far it has come.',
  command: 'The command to run and its arguments, one a parameter; no shell takes it apart.',
  container: 'The container in question; may be left out where the pod has but one.',
  continue: 'Where a limited list is to go on, as the previous page said.',
  dryRun: 'With "All", everything is done except storing the result.',
  fieldManager: 'Name of the actor that makes the change.',
  fieldSelector: 'Restricts the answer by field values.',
  fieldValidation: 'What to do about unknown or duplicate fields: Ignore, Warn (default) or Strict.',
  follow: 'Whether to go on with what is logged from now on.',
  force: 'Whether an apply request takes over fields that others own.',
  gracePeriodSeconds:
    'How many seconds the object has to end; 0 deletes it at once, and left out its kind decides.',
  ignoreStoreReadErrorWithClusterBreakingPotential:
    'Whether an object that cannot be read any more is deleted all the same, without finalizers and at your own risk.',
  insecureSkipTLSVerifyBackend:
    "Whether the log is taken without a look at the certificate of the pod's node.",
  labelSelector: 'Restricts the answer by labels.',
  limit: 'Most items to answer with; more are had with what the answer says in its metadata.continue.',
  limitBytes: 'Most bytes of the log to answer with.',
  namespace: 'Namespace of the object, by which access to it may be granted.',
  orphanDependents:
    'Whether dependents stay behind. Older than propagationPolicy, which is to be used instead.',
  path: 'The rest of the path that is asked for.',
  ports: 'The ports to forward, where the connection is a WebSocket.',
  pretty: 'With "true", the answer is indented; curl, wget and browsers get it so unless they say "false".',
  previous: 'Whether to answer with the log of the container before its last restart.',
  propagationPolicy: 'What is to happen to dependents: Orphan, Background or Foreground.',
  resourceVersion:
    'Which state of the collection is asked for: that one or a later one, unless resourceVersionMatch says.',
  resourceVersionMatch:
    'Whether resourceVersion names a state exactly or the oldest one that is good enough.',
  sendInitialEvents:
    'Whether a watch begins with an event for each object there is, and a bookmark after the last.',
  shardSelector: 'Restricts the answer to a part of all objects, by ranges of hashes.',
  sinceSeconds: 'How many seconds back the log is to begin.',
  stderr: "Whether to take the container's standard error along.",
  stdin: "Whether to send to the container's standard input.",
  stdout: "Whether to take the container's standard output along.",
  stream: 'Which of its streams to answer with: All, Stdout or Stderr.',
  tailLines: 'How many lines from its end the log is to begin.',
  timeoutSeconds: 'How many seconds a list or a watch may take.',
  timestamps: 'Whether each line begins with the time when it was logged.',
  tty: 'Whether the stream is that of a terminal.',
  watch: 'Whether to stream changes instead of a list.',
}

/** Where a kind of options means something of its own. */
const special: Record<string, Record<string, string>> = {
  NodeProxyOptions: { path: 'The path that the kubelet of the node is asked for.' },
  PatchOptions: { fieldManager: 'Name of the actor that makes the change; an apply request must have one.' },
  PodAttachOptions: {
    container: 'The container to attach to; may be left out where the pod has but one.',
    stderr: "Whether to attach to the container's standard error.",
    stdin: "Whether to attach to the container's standard input.",
    stdout: "Whether to attach to the container's standard output.",
    tty: 'Whether the container that is attached to has a terminal.',
  },
  PodExecOptions: {
    container: 'The container to run the command in; may be left out where the pod has but one.',
    tty: 'Whether the command gets a terminal.',
  },
  PodLogOptions: {
    container: 'The container whose log to answer with; may be left out where the pod has but one.',
  },
  PodProxyOptions: { path: 'The path that the pod is asked for.' },
  ServiceProxyOptions: { path: 'The path that the service is asked for.' },
}

/** What documents say of a parameter, of certain options where it is one of these; undefined for unknown ones. */
export function describeParameter(name: string, options = ''): string | undefined {
  const own = Object.hasOwn(special, options) ? special[options]![name] : undefined
  return own ?? (Object.hasOwn(common, name) ? common[name] : undefined)
}
