//! Splits the sequence diagram that `day01-packets` prints into words, to compare it with the page.

/// Returns the sorted words of each row of a sequence diagram.
pub(crate) fn rows(diagram: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = vec![];
    let mut time = String::new();
    let between = diagram.lines().skip(3).take_while(|line| !line.is_empty());
    for line in between.filter(|line| line.contains('|')) {
        let (at, rest) = line.split_at(7);
        let mut words = words(rest);
        // A state that doesn't fit beside its call is on the next line.
        if let ([state], Some(last)) = (&words[..], rows.last_mut())
            && state.starts_with('[')
        {
            last.push(state.clone());
            last.sort();
            continue;
        }
        if !at.trim().is_empty() {
            time = at.trim().to_owned();
        }
        words.push(time.clone());
        words.sort();
        rows.push(words);
    }
    rows
}

/// Returns the words of a line, without arrows and punctuation.
fn words(line: &str) -> Vec<String> {
    let words = line.split([' ', '|']).map(|word| word.trim_matches([',', ':']));
    let is_arrow = |word: &&str| word.chars().all(|character| "-<>x".contains(character));
    words.filter(|word| !is_arrow(word)).map(str::to_owned).collect()
}

/// Returns the sorted words of a sentence, without those that the diagram shows by position.
pub(crate) fn words_of_sentence(sentence: &str) -> Vec<String> {
    let mut words = words(sentence);
    words.retain(|word| !["ms", "client", "server", "to"].contains(&&word[..]));
    words.sort();
    words
}
