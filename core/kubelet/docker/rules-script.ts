import { pidOf, quote, waitToEnter } from './node-agent-scripts.ts'

/** A ruleset for the network namespaces of some processes. */
export interface RulesForPids {
  ruleset: string
  pids: readonly number[]
}

export interface RulesScriptOptions {
  /** A path that no other script uses. */
  file: string
  /** For which of the processes nothing is to be kept running after it. */
  worn: readonly number[]
}

const directories = '/tmp/rules-'

/**
 * Starting nft costs ten times of what it then does, so one is kept running in each namespace: `nft -i`, which takes its commands from
 * the pipe `in`. `include` loads a file as one transaction. It says nothing when it has done so; therefore it is told to include the empty
 * pipe `done0` or `done1` next, in turns since it may not have closed the last one yet. That opens for writing as soon as nft has come
 * that far (the end of a child of the shell interrupts that, so it is tried again). What it complains about is in `err`, below what it
 * says of its terminal.
 *
 * A process id alone does not say that it is still the same namespace, so the namespaces are compared each time. Where nothing is kept, or it
 * complained, nft is called as always and its exit code counts.
 */
const functions = `queue() {
  f=$1; shift
  for p; do
    d=${directories}$p; s=0
    [ ! -f $d/kept ] || read -r s t <$d/kept
    if [ /proc/$p/ns/net -ef /proc/$s/ns/net ]; then
      true >$d/err
      t=$((1 - t))
      echo $s $t >$d/kept
      printf 'include "%s"\\ninclude "%s/done%s"\\n' $f $d $t 1<>$d/in
      queued="$queued $f:$t$p"
    else
      plain $f $p &
    fi
  done
}
plain() {
  leave $2
  ${waitToEnter('$2', 'net')}
  if o=$(nsenter -t $2 -n nft -f $1 2>&1); then
    mkdir $d && mkfifo $d/in $d/done0 $d/done1 && {
      nsenter -t $2 -n nft -i <>$d/in >/dev/null 2>$d/err &
      echo $! 0 >$d/kept
    }
  else
    printf '=%s %s\\n%s\\n' $2 $? "\${o:0:1000}"
  fi
}
leave() {
  d=${directories}$1
  [ ! -p $d/in ] || echo quit 1<>$d/in
  rm -rf $d
}
collect() {
  for q in $queued; do
    f=\${q%:*}; q=\${q#*:}; p=\${q#?}
    d=${directories}$p; done=$d/done\${q%$p}
    until true >$done || [ ! -p $done ]; do :; done 2>/dev/null
    if [ -s $d/err ] && grep -q Error: $d/err; then
      plain $f $p &
    fi
  done
  wait
}
queued=`

/**
 * Shell script that loads nft rulesets, each as one transaction in the network namespace of each process it is for. Prints what
 * failed, see `parseFailedRules`. A process must not be in two scripts at once.
 */
export function applyRulesScript(rules: readonly RulesForPids[], { file, worn }: RulesScriptOptions): string {
  const files = rules.map((_, at) => `${file}.${at}`)
  return [
    functions,
    ...rules.map(({ ruleset }, at) => `printf '%s\\n' ${quote(ruleset)} >${files[at]} &&`),
    '{',
    ...rules.map(({ pids }, at) => `queue ${files[at]} ${pids.map(pidOf).join(' ')}`),
    'collect',
    ...worn.map((pid) => `leave ${pid}`),
    '}',
    `c=$?; rm -f ${files.join(' ')}; [ $c = 0 ]`,
  ].join('\n')
}

/** What the script says of the processes it failed for. */
export function parseFailedRules(output: string): Map<number, string> {
  const failed = new Map<number, string>()
  let pid: number | undefined
  for (const line of output.split('\n')) {
    const head = /^=(\d+) (\d+)$/.exec(line)
    if (head) failed.set((pid = Number(head[1])), `exit code ${head[2]}`)
    else if (pid !== undefined && line !== '') {
      const said = failed.get(pid) ?? ''
      failed.set(pid, said.startsWith('exit code') ? line : `${said}\n${line}`)
    }
  }
  return failed
}

/** Shell script that ends what is kept running for the namespace of a process. */
export function leaveRulesScript(pid: number): string {
  return `${functions}\nleave ${pidOf(pid)}`
}

/** Shell script that ends everything that is kept running. */
export const leaveAllRulesScript = `for d in ${directories}*; do [ ! -p $d/in ] || echo quit 1<>$d/in; done; rm -rf ${directories}*`
