/** So many of the items that it is offered, each with the same chance, however many there are (a reservoir). */
export class Sample<Item> {
  readonly items: Item[] = []
  readonly #size: number
  #offered = 0

  constructor(size: number) {
    this.#size = size
  }

  offer(item: Item): void {
    this.#offered++
    if (this.items.length < this.#size) {
      this.items.push(item)
      return
    }
    const place = Math.floor(Math.random() * this.#offered)
    if (place < this.#size) this.items[place] = item
  }
}
