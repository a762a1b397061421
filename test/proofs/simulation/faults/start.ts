import type { Fault } from './fault.ts'

const TWO = 'two start at once'
const ASLEEP = 'a start falls asleep for longer than a minute beside another one'
const FAILING = 'any call of a start fails, and it starts again'
const POWER = 'the power fails during a start, or after it'
const POWER_AFTER_DEATH = 'the power fails during a start, or after it, behind one that died'

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
    name: 'a start takes the sessions of a store that was quicker for foreign files',
    file: 'prepare.ts',
    replace: 'refuseForeign(root, names)',
    by: 'refuseForeign(root, ground.listNow(root))',
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
  },
  {
    name: 'the way to the directory is not synced',
    file: 'prepare.ts',
    replace: '      ground.syncDirectoryNow(dirname(path))\n',
    by: '',
    foundBy: POWER,
  },
  {
    name: 'a start that finds a manifest believes it to be synced',
    file: 'prepare.ts',
    replace: 'if (durable) tryTo(',
    by: "if (durable && !names.includes('untorn.json')) tryTo(",
    foundBy: POWER_AFTER_DEATH,
  },
]
