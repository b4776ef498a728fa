"""The sentences of feedback, for children of 6 to 12, in every language."""

from __future__ import annotations

Text = dict[str, str]


def _text(pt: str, en: str, es: str) -> Text:
    return {"pt-BR": pt, "en": en, "es": es}


PRAISE: dict[str, tuple[Text, ...]] = {
    "excellent": (
        _text(
            "Você ficou com atenção do começo ao fim. Que capricho!",
            "You stayed focused from start to finish. What care you took!",
            "Mantuviste la atención de principio a fin. ¡Qué cuidado pusiste!",
        ),
        _text(
            "Seu jeito de jogar funcionou: olhar primeiro e agir depois.",
            "Your way of playing worked: look first, then act.",
            "Tu manera de jugar funcionó: primero mirar y después actuar.",
        ),
        _text(
            "Quase todas as suas respostas deram certo. Continue com esse cuidado!",
            "Nearly all of your answers were right. Keep taking such care!",
            "Casi todas tus respuestas fueron correctas. ¡Sigue con ese cuidado!",
        ),
    ),
    "good": (
        _text(
            "Você não desistiu nas partes difíceis. Isso é treino de verdade!",
            "You kept going through the tricky parts. That is real practice!",
            "No te rendiste en las partes difíciles. ¡Eso es practicar de verdad!",
        ),
        _text(
            "Você achou um bom ritmo e chegou ao fim.",
            "You found a good rhythm and kept it to the end.",
            "Encontraste un buen ritmo y llegaste al final.",
        ),
        _text(
            "A maioria das suas respostas deu certo. Bom trabalho!",
            "Most of your answers were right. Nice work!",
            "La mayoría de tus respuestas fueron correctas. ¡Buen trabajo!",
        ),
    ),
    "average": (
        _text(
            "Você tentou até o fim. Cada tentativa ensina alguma coisa.",
            "You tried right to the end. Every try teaches something.",
            "Lo intentaste hasta el final. Cada intento enseña algo.",
        ),
        _text(
            "Essa rodada pediu esforço, e você se esforçou.",
            "That round asked for effort, and you gave it.",
            "Esta ronda pedía esfuerzo, y tú te esforzaste.",
        ),
    ),
    "needs_improvement": (
        _text(
            "Foi uma rodada difícil, e você chegou ao fim. Isso é coragem!",
            "That was a hard round, and you saw it through. That takes courage!",
            "Fue una ronda difícil, y llegaste hasta el final. ¡Eso es valentía!",
        ),
        _text(
            "Errar faz parte de aprender. Cada rodada ensina alguma coisa.",
            "Mistakes are part of learning. Every round teaches something.",
            "Equivocarse es parte de aprender. Cada ronda enseña algo.",
        ),
    ),
    "unfinished": (
        _text(
            "Obrigado por jogar! O que você treinou já está guardado.",
            "Thanks for playing! What you practised is kept safe.",
            "¡Gracias por jugar! Lo que practicaste ya está guardado.",
        ),
        _text(
            "Uma pausa também faz bem. Seu esforço conta.",
            "A break is good too. Your effort counts.",
            "Una pausa también viene bien. Tu esfuerzo cuenta.",
        ),
    ),
}
"""mood -> praise that a round may get."""

NEXT_STEPS: dict[str, dict[str, Text]] = {
    # "" is for a skill without words of its own.
    "harder": {
        "": _text(
            "Próximo passo: acenda mais uma lanterna de dificuldade.",
            "Next step: light one more difficulty lantern.",
            "Próximo paso: enciende una linterna de dificultad más.",
        ),
        "attention": _text(
            "Próximo passo: acenda mais uma lanterna e olhe longe na pista.",
            "Next step: light one more lantern, and look far down the track.",
            "Próximo paso: enciende una linterna más y mira lejos en la pista.",
        ),
    },
    "same": {
        "": _text(
            "Próximo passo: jogue mais uma vez e vá um pouco mais devagar nas difíceis.",
            "Next step: play once more, a little slower on the hard ones.",
            "Próximo paso: juega otra vez, un poco más despacio en las difíciles.",
        ),
        "attention": _text(
            "Próximo passo: olhe para a forma; redondo é para pegar, quadrado é para deixar.",
            "Next step: watch the shape; take what is round, leave what is square.",
            "Próximo paso: mira la forma; toma lo redondo y deja lo cuadrado.",
        ),
        "inhibition": _text(
            "Próximo passo: espere ver o sinal inteiro antes de tocar.",
            "Next step: wait until you see the whole signal before you tap.",
            "Próximo paso: espera a ver la señal completa antes de tocar.",
        ),
        "visual_memory": _text(
            "Próximo passo: diga baixinho o nome de cada figura quando ela virar.",
            "Next step: whisper each picture's name as it turns.",
            "Próximo paso: di bajito el nombre de cada figura cuando se voltee.",
        ),
        "sequence_span": _text(
            "Próximo passo: junte a sequência em grupos de dois ou três.",
            "Next step: put the sequence together in groups of two or three.",
            "Próximo paso: junta la secuencia en grupos de dos o tres.",
        ),
        "arithmetic": _text(
            "Próximo passo: complete a dezena primeiro e depois some o resto.",
            "Next step: fill up the ten first, then add the rest.",
            "Próximo paso: completa primero la decena y después suma el resto.",
        ),
        "working_memory": _text(
            "Próximo passo: repita baixinho os últimos passos da trilha.",
            "Next step: whisper the last steps of the trail to yourself.",
            "Próximo paso: repite bajito los últimos pasos del sendero.",
        ),
    },
    "easier": {
        "": _text(
            "Próximo passo: jogue com uma lanterna a menos e ache o seu ritmo.",
            "Next step: play with one lantern fewer and find your rhythm.",
            "Próximo paso: juega con una linterna menos y encuentra tu ritmo.",
        ),
        "attention": _text(
            "Próximo passo: fique na pista do meio e escolha só uma coisa para pegar.",
            "Next step: stay in the middle lane and pick just one thing to take.",
            "Próximo paso: quédate en el carril del medio y elige solo una cosa.",
        ),
    },
    "unfinished": {
        "": _text(
            "Próximo passo: quando quiser, jogue uma rodada até a lanterna apagar.",
            "Next step: when you like, play one round until the lantern goes out.",
            "Próximo paso: cuando quieras, juega una ronda hasta que se apague la linterna.",
        ),
    },
}
"""step -> skill -> what to try next."""
