import { StoreConfigError } from '../../errors.ts'
import type { Meaning } from '../server/calls.ts'

const asConfig = (message: string, options: { cause: unknown }): StoreConfigError =>
  new StoreConfigError(message, options)

/**
 * What the server's error replies mean, by the code that each begins with (inside a script of older servers it stands
 * further in, after a minus) or by the name that Valkey GLIDE has for it.
 */
const REPLIES: [code: RegExp, meaning: Meaning][] = [
  [
    /\b(NOAUTH|WRONGPASS)\b|AuthenticationFailed/,
    {
      outage: false,
      as: asConfig,
      advice: "it refuses the client's user name and password: see the client's options",
    },
  ],
  [
    /\bNOPERM\b|PermissionDenied/,
    {
      outage: false,
      as: asConfig,
      advice:
        "the client's user lacks rights: it needs EVALSHA, EVAL, TIME, EXISTS, HGET, HGETALL, HEXISTS, HSET, HDEL, PEXPIREAT and " +
        'DEL on the keys that begin with the prefix, and SCAN',
    },
  ],
  [
    /\bWRONGTYPE\b/,
    {
      outage: false,
      as: asConfig,
      advice: 'something that is no session is stored under its key: give the store a `prefix` of its own',
    },
  ],
  [
    /\bunknown command\b/i,
    {
      outage: false,
      as: asConfig,
      advice: 'it lacks a command or has it renamed: Redis 5, Valkey 7.2 or later is needed',
    },
  ],
  [
    // GLIDE's word for it, which its client for clusters uses too, while keys are on their way.
    /\bMoved\b/,
    {
      outage: false,
      advice:
        'the session is on another node: the cluster is moving it (try again), or the client is not one for clusters',
    },
  ],
  [
    /\b(MOVED|ASK)\b/,
    {
      outage: false,
      as: asConfig,
      advice: "it is one node of a cluster: make the client with the driver's call for clusters",
    },
  ],
  [
    /\bOOM\b/,
    {
      outage: false,
      advice: 'it has no memory left (`maxmemory`): give it more, or let sessions expire sooner',
    },
  ],
  [
    /\bMISCONF\b/,
    { outage: false, advice: "it can't write its data to the disk, and takes no changes: see its log" },
  ],
  [
    /\bNOREPLICAS\b/,
    { outage: false, advice: 'it has fewer replicas than `min-replicas-to-write`, and takes no changes' },
  ],
  [/\bLOADING\b|BusyLoading/, { outage: true, advice: 'it is reading its data from the disk' }],
  [/\bBUSY\b/, { outage: true, advice: 'a script has kept it busy for too long: see SCRIPT KILL' }],
  [
    /\bCLUSTERDOWN\b|ClusterDown/,
    { outage: true, advice: 'the cluster is down, or lacks the master of this session' },
  ],
  [/\bMASTERDOWN\b|MasterDown/, { outage: true, advice: 'it is a replica that has lost its master' }],
  [
    /\bREADONLY\b|ReadOnly/,
    {
      // It has answered, and can be read.
      outage: false,
      advice: 'it is a replica: during a failover this passes, else have the client connect to the master',
    },
  ],
  [/\bTRYAGAIN\b|TryAgain/, { outage: true, advice: 'the cluster is moving this session to another node' }],
  [/max number of clients/, { outage: true, advice: 'it has as many clients as it takes: see `maxclients`' }],
]

/** An error reply begins with a code in capitals; GLIDE says in words that it is one. */
const REPLY = /^-?[A-Z][A-Z0-9_]+[ :]|signalled by the server/

/** What an error of a driver means: that of a reply, or that there was none. */
export function meaningOf(error: unknown): Meaning {
  const message = error instanceof Error ? error.message : String(error)
  for (const [code, meaning] of REPLIES) if (code.test(message)) return meaning
  if (REPLY.test(message)) return { outage: false }
  if (/client (is|was) closed/i.test(message)) {
    return {
      outage: true,
      advice: 'the client is closed: connect it before the first request, and close it after the store',
    }
  }
  return { outage: true }
}

/** Whether the server does not know a script that it is asked to run: it was restarted, or its scripts were flushed. */
export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && /\bNOSCRIPT\b|NoScriptError/.test(error.message)
}

/** Whether something other than a hash is stored under a key. */
export function isWrongType(error: unknown): boolean {
  return error instanceof Error && /\bWRONGTYPE\b/.test(error.message)
}
