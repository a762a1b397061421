import type { Fault } from './fault.ts'

const TWO = 'two start at once'
const ASLEEP = 'a start falls asleep for longer than a minute beside another one'
const FAILING = 'any call of a start fails, and it starts again'
const POWER = 'the power fails during a start, or after it'
const POWER_AFTER_DEATH = 'the power fails during a start, or after it, behind one that died'

const CLEANED = 'a cleaner comes while stores run'
const CLEANED_START = 'a cleaner comes while one starts beside a store that runs'
const CLEANED_POWER = 'the power fails after a session was made in a shard that a cleaner had taken'

/** Steps of a start, each of which something depends on. */
export const START_FAULTS: readonly Fault[] = [
  {
    name: 'a start makes an error of a directory that another one has made meanwhile',
    file: 'prepare.ts',
    replace: 'if (!isTaken(error)) throw error',
    by: 'throw error',
    foundBy: TWO,
  },
  {
    name: 'a manifest is written where others look for it, and read half written',
    file: 'manifest.ts',
    replace: 'draftOf(root, chance)',
    by: "text === 'probe' ? draftOf(root, chance) : manifestOf(root)",
    foundBy: TWO,
  },
  {
    name: 'a start takes the sessions of a store that was quicker for those that a cleaner has left',
    file: 'prepare.ts',
    replace: 'if (names.some(isShardName)) tell(',
    by: 'if (ground.listNow(root).some(isShardName)) tell(',
    foundBy: TWO,
  },
  {
    name: 'what a killed start leaves behind stays for ever',
    file: 'prepare.ts',
    replace: 'if (isDraftName(name)) removeIfLeft',
    by: 'if (isDraftName(name) && durable) removeIfLeft',
    foundBy: 'a start is killed at any call, with its manifest written by halves',
  },
  {
    name: 'a start that slept makes an error of its draft being gone',
    file: 'manifest.ts',
    replace: 'if (isMissing(error)) continue',
    by: '',
    foundBy: ASLEEP,
  },
  {
    name: 'a start that slept makes an error of the file that it tried with being gone',
    file: 'manifest.ts',
    replace: 'unlinkIfThere(start.files, writeDraft(start, root,',
    by: 'start.files.unlink(writeDraft(start, root,',
    foundBy: ASLEEP,
  },
  {
    name: 'a manifest of which the system took a part counts as whole',
    file: 'manifest.ts',
    replace: 'rest = rest.subarray(written)',
    by: 'rest = rest.subarray(rest.length)',
    foundBy: FAILING,
  },
  {
    name: 'a start that fails leaves a descriptor open',
    file: 'manifest.ts',
    replace: '  } finally {\n    files.close(fd)\n  }\n  return path',
    by: '  }\n  files.close(fd)\n  return path',
    foundBy: FAILING,
  },
  {
    name: 'an error of the system at a start reaches the caller as it is',
    file: 'prepare.ts',
    replace: 'throw storeUnusable(error, doing, directory)',
    by: 'throw error',
    foundBy: FAILING,
  },
  {
    name: 'a manifest gets its name before it is synced',
    file: 'manifest.ts',
    replace: '    syncUnlessForbidden(ground, fd, durable)\n',
    by: "    if (text === 'probe') syncUnlessForbidden(ground, fd, durable)\n",
    foundBy: POWER,
  },
  {
    name: 'the directory is not synced before sessions are put beside its manifest',
    file: 'prepare.ts',
    replace: '  ground.syncDirectoryNow(root)\n',
    by: '',
    foundBy: POWER,
    takesLong: true,
  },
  {
    name: 'the way to the directory is not synced',
    file: 'prepare.ts',
    replace: '      ground.syncDirectoryNow(dirname(path))\n',
    by: '',
    foundBy: POWER,
    takesLong: true,
  },
  {
    name: 'a start that finds a manifest believes it to be synced',
    file: 'prepare.ts',
    replace: 'if (durable) tryTo(',
    by: "if (durable && !names.includes('untorn.json')) tryTo(",
    foundBy: POWER_AFTER_DEATH,
    takesLong: true,
  },
  {
    name: 'a directory without its manifest counts as gone',
    file: 'root.ts',
    replace: 'if (dev !== this.#ready.dev || ino !== this.#ready.ino) throw error',
    by: 'if (dev || ino) throw error',
    foundBy: CLEANED,
  },
  {
    name: 'a sweep makes an error of the manifest being gone',
    file: 'root.ts',
    replace: '      this.assertThere()\n    }\n    try {',
    by: '      throw error\n    }\n    try {',
    foundBy: CLEANED,
  },
  {
    name: 'a start takes shards without a manifest for foreign files',
    file: 'directory.ts',
    replace: '!isShardName(name) && !IGNORED.has(name)',
    by: '!IGNORED.has(name)',
    foundBy: CLEANED_START,
  },
  {
    name: 'a start makes an error of what a cleaner has taken since it was listed',
    file: 'contents.ts',
    replace: 'if (isMissing(error)) return // removed since it was listed',
    by: '',
    foundBy: CLEANED_START,
  },
  {
    name: 'the name of a shard that was made again counts as synced',
    file: 'parts.ts',
    replace: 'shardGone: (shard) => durability.forgetNameOf(shard)',
    by: 'shardGone: () => {}',
    foundBy: CLEANED_POWER,
    takesLong: true,
  },
]
