import { storedJson, unreadable } from '../kept/json.ts'

/*
 * Texts of devalue, in which Astro keeps a session: a list of nodes, of which the first is the value, and each refers to
 * others by their places. They are taken apart without reading what they say: which version of devalue has written a value,
 * and what it knows of types, is between the host and itself. But for boxed primitives, in which an older devalue wrote a number as it
 * is where later ones write its place: a text that has one is not taken apart.
 */

type Node = unknown
type At = (place: number) => number

const SPARSE = -7
/** How many times as long as the whole its values may be together, each with what it shares with others. */
const MOST_SHARED = 4
const BOXED = 'Object'
/** They refer to a buffer, and then say a part of it in numbers. */
const VIEW = /(^DataView|Array)$/

/**
 * The text of each value of a Map whose keys are texts, each with all that it refers to; `undefined`: it is no such text, or one that
 * can't be taken apart, or whose values share so much that each with its own would be several times as long.
 */
export function entriesIn(text: string): [string, string][] | undefined {
  const nodes = parsed(text)
  const [root] = nodes ?? []
  if (nodes === undefined || !Array.isArray(root) || root[0] !== 'Map') return undefined
  if (nodes.some(isBoxedNumber)) return undefined
  const entries: [string, string][] = []
  let room = text.length * MOST_SHARED
  for (let at = 1; at < root.length; at += 2) {
    const [key, place] = [nodes[root[at]], root[at + 1]]
    if (typeof key !== 'string' || !isPlace(place, nodes)) return undefined
    const own = partOf(nodes, place)
    if (own === undefined) return undefined
    const alone = JSON.stringify(own)
    room -= alone.length
    if (room < 0) return undefined
    entries.push([key, alone])
  }
  return entries
}

/** The text of a Map of these. Throws `NotSerialisableError` for what can't be read. */
export function textOfMap(entries: Iterable<readonly [string, string]>): string {
  const root: unknown[] = ['Map']
  const nodes: Node[] = [root]
  for (const [key, text] of entries) {
    root.push(nodes.length, nodes.length + 1)
    nodes.push(key)
    const from = nodes.length
    const part = storedJson(key, text)
    if (!Array.isArray(part)) throw unreadable(key)
    for (const node of part as Node[]) nodes.push(referring(node, (place) => place + from))
  }
  return JSON.stringify(nodes)
}

/** What a node refers to, and it, in the order in which devalue would have written it alone. */
function partOf(nodes: readonly Node[], root: number): Node[] | undefined {
  const places = new Map<number, number>()
  // Not by recursion: a value that is no matter to devalue nests deeper than a stack goes here.
  const ahead = [root]
  while (ahead.length > 0) {
    const place = ahead.pop()!
    if (places.has(place)) continue
    if (!isPlace(place, nodes)) return undefined
    places.set(place, places.size)
    const below: number[] = []
    referring(nodes[place], (each) => below.push(each))
    for (let at = below.length - 1; at >= 0; at--) ahead.push(below[at]!)
  }
  return [...places.keys()].map((place) => referring(nodes[place], (each) => places.get(each)!))
}

/** The same node, where those that it refers to have other places. What is below nothing is a constant. */
function referring(node: Node, at: At): Node {
  const moved = (place: unknown): unknown => (typeof place === 'number' && place >= 0 ? at(place) : place)
  if (typeof node !== 'object' || node === null) return node
  if (!Array.isArray(node)) {
    return Object.fromEntries(Object.entries(node).map(([name, place]) => [name, moved(place)]))
  }
  const [first] = node
  // A type and its parts: what is no place among them is a text.
  if (typeof first === 'string' && !VIEW.test(first)) return node.map(moved)
  if (typeof first === 'string') return [first, moved(node[1]), ...node.slice(2)]
  if (first !== SPARSE) return node.map(moved)
  return node.map((part, index) => (index >= 3 && index % 2 === 1 ? moved(part) : part))
}

function isBoxedNumber(node: Node): boolean {
  return Array.isArray(node) && node[0] === BOXED && typeof node[1] === 'number'
}

function isPlace(place: unknown, nodes: readonly Node[]): place is number {
  return Number.isInteger(place) && (place as number) >= 0 && (place as number) < nodes.length
}

function parsed(text: string): Node[] | undefined {
  try {
    const nodes = JSON.parse(text)
    return Array.isArray(nodes) ? nodes : undefined
  } catch {
    return undefined
  }
}
