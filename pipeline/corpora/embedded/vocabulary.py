"""Words of the translation grammar: two lexica without a content word in common."""

from pipeline.corpora.embedded.lexicon import (
    Lexicon,
    Phrase,
    adjectives,
    choices,
    nouns,
    phrases,
    verbs,
)

PREPOSITIONS = phrases(
    """
    on; sur; पर
    in; dans; में
    under; sous; के नीचे
    behind; derrière; के पीछे
    before; devant; के सामने
    with; avec; के साथ
    """
)
THINK = Phrase("think", choices("réfléchissez | méditez"), choices("सोचो | सोचिए"))
ABOUT = Phrase("about", choices("sur"), choices("के बारे में"))
IT = nouns("it; cela; इसे; इस; mms")[0]
IS = verbs("is are; est | se trouve; sont | se trouvent; ")[0]

SHARED = Lexicon(
    beings=nouns(
        """
        cat; chat; बिल्ली; बिल्ली; mfs
        dog; chien; कुत्ता; कुत्ते; mms
        boy; garçon; लड़का; लड़के; mms
        girl; fille; लड़की; लड़की; ffs
        woman; femme; औरत | महिला; औरत | महिला; ffs
        neighbour; voisin; पड़ोसी; पड़ोसी; mms
        king; roi; राजा; राजा; mms
        queen; reine; रानी; रानी; ffs
        horse; cheval; घोड़ा; घोड़े; mms
        soldier; soldat; सिपाही; सिपाही; mms
        thief; voleur; चोर; चोर; mms
        mouse; souris; चुहिया; चुहिया; ffs
        children; enfants; बच्चे; बच्चों; mmp
        sisters; sœurs; बहनें; बहनों; ffp
        """
    ),
    things=nouns(
        """
        book; livre; किताब | पुस्तक; किताब | पुस्तक; mfs
        letter; lettre; चिट्ठी; चिट्ठी; ffs
        mat; tapis; चटाई; चटाई; mfs
        table; table; मेज़; मेज़; ffs
        chair; chaise; कुर्सी; कुर्सी; ffs
        door; porte; दरवाज़ा; दरवाज़े; fms
        box; boîte; डिब्बा; डिब्बे; fms
        key; clé | clef; चाबी; चाबी; ffs
        boat; bateau; नाव; नाव; mfs
        hat; chapeau; टोपी; टोपी; mfs
        spoon; cuillère; चम्मच; चम्मच; ffs
        clock; montre; घड़ी; घड़ी; ffs
        flowers; fleurs; फूल; फूलों; fmp
        picture; photo | gravure; तस्वीर; तस्वीर; ffs
        shoes; chaussures; जूते; जूतों; fmp
        knife; couteau; चाकू; चाकू; mms
        """
    ),
    places=nouns(
        """
        house; maison; घर | मकान; घर | मकान; fms
        garden; jardin; बगीचा | बाग; बगीचे | बाग; mms
        kitchen; cuisine; रसोई; रसोई; ffs
        street; rue; सड़क; सड़क; ffs
        river; rivière; नदी; नदी; ffs
        room; chambre; कमरा; कमरे; fms
        roof; toit; छत; छत; mfs
        school; classe; पाठशाला; पाठशाला; ffs
        """
    ),
    devices=nouns(
        """
        lights; lumières; बत्तियाँ; बत्तियों; ffp
        lamp; lampe; दीया; दीये; fms
        radio; radio; रेडियो; रेडियो; fms
        """
    ),
    adjectives=adjectives(
        """
        small; petit petite petits petites; before; छोटा
        big; grand grande grands grandes; before; बड़ा
        tall; haut haute hauts hautes; before; ऊँचा
        good; bon bonne bons bonnes; before; अच्छा
        fat; gros grosse gros grosses; before; मोटा
        sad; triste triste tristes tristes; after; उदास
        red; rouge rouge rouges rouges; after; लाल
        black; noir noire noirs noires; after; काला
        white; blanc blanche blancs blanches; after; सफ़ेद
        green; vert verte verts vertes; after; हरा
        blue; bleu bleue bleus bleues; after; नीला
        heavy; lourd lourde lourds lourdes; after; भारी
        """
    ),
    intransitive=verbs(
        """
        sleeps sleep; dort | sommeille; dorment | sommeillent; सो
        laughs laugh; rit | rigole; rient | rigolent; हँस
        sings sing; chante; chantent; गा
        runs run; court | galope; courent | galopent; दौड़
        dances dance; danse; dansent; नाच
        jumps jump; saute | bondit; sautent | bondissent; कूद
        works work; travaille; travaillent; कमा
        waits wait; attend | patiente; attendent | patientent; रुक
        """
    ),
    transitive=verbs(
        """
        sees see; voit | regarde; voient | regardent; देख
        takes take; prend | saisit; prennent | saisissent; ले
        wants want; veut | désire; veulent | désirent; चाह
        finds find; trouve | découvre; trouvent | découvrent; ढूँढ
        sells sell; vend | revend; vendent | revendent; बेच
        pushes push; pousse; poussent; धकेल
        loses lose; perd | égare; perdent | égarent; खो
        draws draw; dessine; dessinent; बना
        """
    ),
    switches=phrases(
        """
        turn off; éteignez | coupez; बंद करो | बंद कीजिए
        turn on; allumez; चालू करो | चालू कीजिए
        """
    ),
    orders=phrases(
        """
        open; ouvrez; खोलो | खोलिए
        bring; apportez; लाओ | लाइए
        move; déplacez; हटाओ
        hide; cachez | dissimulez; छिपाओ
        """
    ),
    adverbs=phrases(
        """
        now; maintenant | en ce moment; अब | इस समय
        quickly; vite | très vite; जल्दी से
        slowly; lentement; धीरे धीरे | आराम से
        often; souvent; अक्सर | बार बार
        again; encore | une fois encore; फिर से
        early; tôt; सवेरे
        here; ici; यहाँ
        """
    ),
)

DISJOINT = Lexicon(
    beings=nouns(
        """
        bird; pigeon; चिड़िया; चिड़िया; mfs
        goat; chèvre; बकरी; बकरी; ffs
        farmer; fermier; किसान; किसान; mms
        mother; mère; माँ; माँ; ffs
        friend; copain; दोस्त | मित्र; दोस्त | मित्र; mms
        doctor; médecin; डॉक्टर; डॉक्टर; mms
        cow; vache; गाय; गाय; ffs
        lion; lion; शेर; शेर; mms
        brothers; frères; भाई; भाइयों; mmp
        monkeys; singes; बंदर; बंदरों; mmp
        """
    ),
    things=nouns(
        """
        cup; tasse; प्याला; प्याले; fms
        shirt; chemise; क़मीज़; क़मीज़; ffs
        bag; sac; थैला; थैले; mms
        bread; pain; रोटी; रोटी; mfs
        wheel; roue; पहिया; पहिये; fms
        basket; panier | couffin; टोकरी; टोकरी; mfs
        coins; pièces; सिक्के; सिक्कों; fmp
        drum; tambour; ढोल; ढोल; mms
        stones; pierres | roches; पत्थर; पत्थरों; fmp
        rope; corde; रस्सी; रस्सी; ffs
        """
    ),
    places=nouns(
        """
        village; village; गाँव; गाँव; mms
        forest; forêt; जंगल | वन; जंगल | वन; fms
        market; marché; बाज़ार; बाज़ार; mms
        bridge; pont; पुल; पुल; mms
        field; champ; खेत; खेत; mms
        mountain; montagne; पहाड़ | पर्वत; पहाड़ | पर्वत; fms
        """
    ),
    devices=nouns(
        """
        fans; ventilateurs; पंखे; पंखों; mmp
        machine; machine; मशीन; मशीन; ffs
        phone; téléphone; फ़ोन; फ़ोन; mms
        """
    ),
    adjectives=adjectives(
        """
        new; nouveau nouvelle nouveaux nouvelles; before; नया
        young; jeune jeune jeunes jeunes; before; जवान
        pretty; joli jolie jolis jolies; before; सुंदर
        long; long longue longs longues; before; लंबा
        yellow; jaune jaune jaunes jaunes; after; पीला
        brown; brun brune bruns brunes; after; भूरा
        clean; propre propre propres propres; after; साफ़
        broken; cassé cassée cassés cassées; after; टूटा
        wet; mouillé mouillée mouillés mouillées; after; गीला
        strange; bizarre bizarre bizarres bizarres; after; अजीब
        """
    ),
    intransitive=verbs(
        """
        walks walk; marche | avance; marchent | avancent; चल
        swims swim; nage; nagent; तैर
        cries cry; pleure; pleurent; रो
        falls fall; tombe | chute; tombent | chutent; गिर
        speaks speak; parle; parlent; बोल
        smiles smile; sourit; sourient; मुस्कुरा
        """
    ),
    transitive=verbs(
        """
        carries carry; transporte | emporte; transportent | emportent; उठा
        breaks break; casse; cassent; तोड़
        buys buy; achète | commande; achètent | commandent; ख़रीद
        throws throw; jette | lance; jettent | lancent; फेंक
        keeps keep; garde; gardent; रख
        washes wash; lave | nettoie; lavent | nettoient; धो
        """
    ),
    switches=phrases(
        """
        switch off; stoppez | arrêtez; रोक दो | रोक दीजिए
        switch on; démarrez; चला दो | चला दीजिए
        """
    ),
    orders=phrases(
        """
        show; montrez; दिखाओ | दिखाइए
        close; fermez; ढक दो
        give; donnez; दे दो
        send; envoyez | expédiez; भेजो
        """
    ),
    adverbs=phrases(
        """
        soon; bientôt | sous peu; जल्द | थोड़ी देर में
        today; ce jour; आज
        always; toujours; हमेशा | सदा
        alone; tout seul; अकेले
        there; là; वहाँ
        everywhere; partout; हर जगह
        """
    ),
)
